// Picks positions of one axis by number: out[.., i, ..] = x[.., indices[i], ..]. Negative numbers count from the end;
// numbers beyond either end pick the first or last position.
#pragma once

#include <kiln/dsl/ops/arrangement.hpp>

namespace kiln::ops {

/// Operands: x, and the indices, whole numbers on one axis.
struct gather {
    struct attributes {
        std::int32_t axis = 0;
    };

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 2) return refuse(fault::operand_count);
        if (in[0].rank > most_axes) return refuse(fault::too_many_axes);
        if (a.axis < 0 || a.axis >= in[0].rank || in[1].rank != 1) return refuse(fault::no_such_axis);
        if (in[0].volume() < 1 || in[1].volume() < 1) return refuse(fault::empty_extent);
        dims out = in[0];
        out[a.axis] = in[1][0];
        if (out.volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        return {out};
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        return in.size() == 2 && is_integer(in[1]) ? std::optional(in[0]) : std::nullopt;
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return arrangement::moved(out);
    }
};

}  // namespace kiln::ops
