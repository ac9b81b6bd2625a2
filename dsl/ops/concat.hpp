// Joins tensors along one axis, usually their channels; every other extent must agree.
#pragma once

#include <kiln/dsl/combine.hpp>
#include <kiln/dsl/ops/arrangement.hpp>

namespace kiln::ops {

struct concat {
    struct attributes {
        std::int32_t from_last = 0;  // the axis, counted from the last one: 0 is the channels
    };

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.empty()) return refuse(fault::operand_count);
        dims out = in[0];
        if (out.rank < 1) return refuse(fault::empty_extent);
        if (a.from_last < 0 || a.from_last >= out.rank) return refuse(fault::no_such_axis);
        const int joined = out.rank - 1 - a.from_last;
        std::int64_t total = 0;
        for (const dims& d : in) {
            if (d.volume() < 1) return refuse(fault::empty_extent);
            if (d.rank != out.rank) return refuse(fault::concat_extents);
            for (int axis = 0; axis < d.rank; ++axis)
                if (axis != joined && d[axis] != out[axis]) return refuse(fault::concat_extents);
            total += d[joined];
        }
        if (total > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        out[joined] = static_cast<std::int32_t>(total);
        if (out.volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        return {out};
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        return arrangement::same_type(in);
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return arrangement::moved(out);
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// concat(x, y, ...): one after the other along the channels.
template <class... X>
constexpr auto concat(const X&... x) {
    return combine<ops::concat>(x...);
}

}  // namespace kiln::dsl
