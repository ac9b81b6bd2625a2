// Where max pooling finds its values: for each window and channel the number of the cell, counted in memory order over
// the input's spatial axes; of equal values the first. -1 for a window that lies in padding altogether.
#pragma once

#include <kiln/dsl/ops/pool.hpp>

namespace kiln::ops {

struct max_pool_place {
    using attributes = pool_attributes;  // count_padding is not used
    static constexpr inferred infer(const attributes& a, std::span<const dims> in) { return pool_shape(a, in); }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        return in.size() == 1 && in[0] == element::float32 ? std::optional(element::int32) : std::nullopt;
    }
    static constexpr kiln::cost cost(const attributes& a, std::span<const dims> in, const dims& out) {
        return pool_cost(a, in, out);
    }
};

}  // namespace kiln::ops
