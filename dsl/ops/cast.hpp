// The same numbers as another element type: floats are cut towards 0, a truth value is whether the number is not 0.
#pragma once

#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct cast {
    struct attributes {
        element to = element::float32;
    };

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        const auto index = static_cast<std::int32_t>(a.to);
        if (index < 0 || index >= static_cast<std::int32_t>(element_names.size()))
            return refuse(fault::function_unknown);
        return elementwise_shape(in, 1);
    }
    static constexpr std::optional<element> type(const attributes& a, std::span<const element>) { return a.to; }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, out.volume()};
    }
};

}  // namespace kiln::ops
