// Each element's rank along an axis: how many come before it when they are sorted, the largest (or the smallest) first
// and equal ones in their order. What sorting is made of: with scatter_elements the ranks become an order.
#pragma once

#include <kiln/dsl/ops/arrangement.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct ranking {
    struct attributes {
        std::int32_t axis = 0;
        std::int32_t ascending = 0;
    };

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 1) return refuse(fault::operand_count);
        if (in[0].rank > most_axes) return refuse(fault::too_many_axes);
        if (a.axis < 0 || a.axis >= in[0].rank) return refuse(fault::no_such_axis);
        if (in[0].volume() < 1) return refuse(fault::empty_extent);
        return {in[0]};
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        return common_number(in) ? std::optional(element::int64) : std::nullopt;
    }
    static constexpr kiln::cost cost(const attributes& a, std::span<const dims>, const dims& out) {
        const bool has = a.axis >= 0 && a.axis < out.rank;
        return {0, out.volume() * (has ? out[a.axis] : 1)};
    }
};

}  // namespace kiln::ops
