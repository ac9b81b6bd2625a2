// Views a tensor as one row of values, in memory order: spatial extents first, channels last.
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/rule.hpp>

namespace kiln::ops {

struct flatten {
    using attributes = no_attributes;

    static constexpr inferred infer(const attributes&, std::span<const dims> in) {
        if (in.size() != 1) return refuse(fault::operand_count);
        if (in[0].rank < 1 || in[0].volume() < 1) return refuse(fault::empty_extent);
        if (in[0].volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        return {dims::of(in[0].volume())};
    }

    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | flatten. A dense layer needs none before it.
inline constexpr plain_layer<ops::flatten> flatten{};

}  // namespace kiln::dsl
