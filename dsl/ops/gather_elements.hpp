// Picks one element for each place: along the axis, out[.., i, ..] = x[.., indices[.., i, ..], ..]. Negative numbers
// count from the end; numbers beyond either end pick the first or last position.
#pragma once

#include <kiln/dsl/ops/arrangement.hpp>

namespace kiln::ops {

/// Operands: x, and the indices, whole numbers with as many axes, none longer than x's but the one that is picked from.
struct gather_elements {
    struct attributes {
        std::int32_t axis = 0;
    };

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 2) return refuse(fault::operand_count);
        const dims &x = in[0], &indices = in[1];
        if (x.rank > most_axes) return refuse(fault::too_many_axes);
        if (a.axis < 0 || a.axis >= x.rank || indices.rank != x.rank) return refuse(fault::no_such_axis);
        if (x.volume() < 1 || indices.volume() < 1) return refuse(fault::empty_extent);
        for (int axis = 0; axis < x.rank; ++axis)
            if (axis != a.axis && indices[axis] > x[axis]) return refuse(fault::slice_outside);
        return {indices};
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        return in.size() == 2 && is_integer(in[1]) ? std::optional(in[0]) : std::nullopt;
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return arrangement::moved(out);
    }
};

}  // namespace kiln::ops
