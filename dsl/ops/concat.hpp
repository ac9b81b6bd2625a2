// Joins tensors along their channels; every other extent must agree.
#pragma once

#include <kiln/dsl/combine.hpp>
#include <kiln/dsl/rule.hpp>

namespace kiln::ops {

struct concat {
    using attributes = no_attributes;

    static constexpr inferred infer(const attributes&, std::span<const dims> in) {
        if (in.empty()) return refuse(fault::operand_count);
        dims out = in[0];
        if (out.rank < 1) return refuse(fault::empty_extent);
        std::int64_t channels = 0;
        for (const dims& d : in) {
            if (d.volume() < 1) return refuse(fault::empty_extent);
            if (d.rank != out.rank) return refuse(fault::concat_extents);
            for (int axis = 0; axis < d.spatial_rank(); ++axis)
                if (d[axis] != out[axis]) return refuse(fault::concat_extents);
            channels += d.channels();
        }
        if (channels > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        out[out.rank - 1] = static_cast<std::int32_t>(channels);
        if (out.volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        return {out};
    }

    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, out.volume()};
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
