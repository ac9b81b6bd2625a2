// What max and average pooling share: attributes, shape rule and cost. Pooling works per channel and has no parameters.
#pragma once

#include <kiln/dsl/ops/window.hpp>

namespace kiln::ops {

struct pool_attributes {
    window slide;
    std::int32_t count_padding = 0;  // average only: divide by the whole window, padding included
};

constexpr inferred pool_shape(const pool_attributes& a, std::span<const dims> in) {
    if (in.size() != 1) return refuse(fault::operand_count);
    for (int axis = 0; axis < in[0].spatial_rank() && axis < 3; ++axis) {
        const std::int64_t reach = std::int64_t(a.slide.extent[axis] - 1) * a.slide.dilation[axis] + 1;
        if (a.slide.pad_before[axis] >= reach || a.slide.pad_after[axis] >= reach)
            return refuse(fault::padding_exceeds_window);
    }
    return slide(in[0], a.slide, in[0].channels());
}

constexpr cost pool_cost(const pool_attributes& a, std::span<const dims> in, const dims& out) {
    return {0, out.volume() * window_volume(a.slide, in[0].spatial_rank())};
}

}  // namespace kiln::ops
