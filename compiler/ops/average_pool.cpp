#include <algorithm>
#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/ops/data_gradient.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/compiler/ops/sliding.hpp>
#include <kiln/dsl/ops/average_pool.hpp>

namespace kiln::compiler {

namespace {

/// Divides by the cells inside the input or, with `count_padding`, by those in the declared padding too. A dilated
/// window may lie in padding altogether; its average is 0.
struct average {
    bool count_padding = false;
    double sum = 0;
    int cells = 0;
    void start() { sum = 0, cells = 0; }
    void accumulate(float value) { sum += value, ++cells; }
    void padded() { cells += count_padding; }
    float result() const { return cells == 0 ? 0.0F : static_cast<float>(sum / cells); }
};

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const auto a = unpack<ops::pool_attributes>(words);
    pool(a.slide, in[0], out_shape, out, average{.count_padding = a.count_padding != 0});
}

/// How many cells of the window at output `o` count on one axis.
std::int32_t cells(const ops::pool_attributes& a, std::size_t axis, std::int32_t input, std::int32_t o) {
    const ops::window& w = a.slide;
    const std::int32_t low = a.count_padding ? -w.pad_before[axis] : 0;
    const std::int32_t high = input + (a.count_padding ? w.pad_after[axis] : 0);
    std::int32_t counted = 0;
    for (std::int32_t tap = 0; tap < w.extent[axis]; ++tap) {
        const std::int32_t at = o * w.stride[axis] + tap * w.dilation[axis] - w.pad_before[axis];
        counted += at >= low && at < high;
    }
    return counted;
}

/// 1 / the cells that count, for each output.
tensor shares(const ops::pool_attributes& a, const dims& x, dims y) {
    y[y.rank - 1] = 1;
    tensor t{extents_of(y), {}};
    for_each_cell(grid_of(y), [&](const position& o) {
        std::int32_t counted = 1;
        for (int axis = 0; axis < x.spatial_rank(); ++axis) {
            const auto i = static_cast<std::size_t>(axis);
            counted *= cells(a, i, x[axis], static_cast<std::int32_t>(o[i]));
        }
        t.values.push_back(1.0F / static_cast<float>(std::max(counted, 1)));
    });
    return t;
}

/// Whether windows lie side by side, without padding: each input is in one of them, or in none.
bool tiles(const ops::window& w) {
    for (std::size_t axis = 0; axis < 3; ++axis)
        if (w.stride[axis] != w.extent[axis] || w.dilation[axis] != 1 || w.pad_before[axis] != 0 ||
            w.pad_after[axis] != 0)
            return false;
    return true;
}

/// An input gets its share of dy from every window that it is in.
void gradient(gradient_context& c) {
    const auto a = c.attributes<ops::pool_attributes>();
    const dims x = c.sample(c.operand(0)), y = c.sample(c.output());
    const tensor share = shares(a, x, y);
    const bool equal = std::ranges::all_of(share.values, [&](float v) { return v == share.values[0]; });
    ir::node_id g = c.multiply(c.gradient(), equal ? c.number(share.values[0]) : c.constant(share));
    if (tiles(a.slide)) {
        g = c.apply(op::upsample, ops::upsample::attributes{a.slide.extent}, {g});
        for (int axis = 0; axis < x.spatial_rank(); ++axis) g = c.padded(g, axis, 0, x[axis] - c.sample(g)[axis]);
    } else {  // the sum over a window is a convolution with ones, a filter for each channel
        const std::int32_t channels = x.channels();
        const ops::conv::attributes sums{.filters = channels, .slide = a.slide, .groups = channels, .flip = 0};
        g = data_gradient(c, g, c.stretch(c.number(1), ops::conv::weight(sums, x)), sums, x);
    }
    c.contribute(0, g);
}

}  // namespace

operator_row average_pool_row() { return {.reference = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
