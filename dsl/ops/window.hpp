// The arithmetic of sliding windows, shared by convolution and pooling:
// output = floor((n + before + after - dilated window) / stride) + 1 on every spatial axis.
#pragma once

#include <kiln/dsl/rule.hpp>

namespace kiln::ops {

struct window {
    triple extent{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1}, pad_before{0, 0, 0}, pad_after{0, 0, 0};
};

constexpr std::int32_t dilated(std::int32_t extent, std::int32_t dilation) { return (extent - 1) * dilation + 1; }

/// Slides `w` over the spatial axes of `input`; the result has `channels` channels.
constexpr inferred slide(const dims& input, const window& w, std::int32_t channels) {
    if (input.rank < 2 || input.rank > 4) return refuse(fault::rank);
    if (input.volume() < 1 || channels < 1) return refuse(fault::empty_extent);
    dims out = input;
    for (int axis = 0; axis < input.spatial_rank(); ++axis) {
        if (w.extent[axis] < 1 || w.stride[axis] < 1 || w.dilation[axis] < 1) return refuse(fault::window_below_one);
        if (w.pad_before[axis] < 0 || w.pad_after[axis] < 0) return refuse(fault::negative_padding);
        const std::int64_t reach = std::int64_t(w.extent[axis] - 1) * w.dilation[axis] + 1;
        const std::int64_t padded = std::int64_t(input[axis]) + w.pad_before[axis] + w.pad_after[axis];
        if (padded > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
        if (reach > padded) return refuse(fault::window_exceeds_input);
        out[axis] = static_cast<std::int32_t>((padded - reach) / w.stride[axis] + 1);
    }
    out[out.rank - 1] = channels;
    if (out.volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
    return {out};
}

/// `same` padding on one axis: the output is ceil(n / stride); the odd cell goes after.
constexpr std::int64_t same_total(std::int64_t n, std::int64_t extent, std::int64_t stride, std::int64_t dilation) {
    const std::int64_t out = (n + stride - 1) / stride;
    const std::int64_t total = (out - 1) * stride + (extent - 1) * dilation + 1 - n;
    return total > 0 ? total : 0;
}

constexpr std::int64_t window_volume(const window& w, int spatial_rank) {
    std::int64_t v = 1;
    for (int axis = 0; axis < spatial_rank; ++axis) v *= w.extent[axis];
    return v;
}

}  // namespace kiln::ops
