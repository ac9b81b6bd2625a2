// Chooses element by element: y = condition ? a : b, operands stretched to one shape.
#pragma once

#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

/// Operands: the condition (boolean), a and b (of one type).
struct select : elementwise<3, 1> {
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        if (in[0] != element::boolean || in[1] != in[2]) return std::nullopt;
        return in[1];
    }
};

}  // namespace kiln::ops
