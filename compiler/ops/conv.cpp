#include <algorithm>
#include <kiln/compiler/ops/data_gradient.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/compiler/ops/sliding.hpp>
#include <kiln/dsl/ops/conv.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const auto a = unpack<ops::conv::attributes>(words);
    const float* x = in[0].values;
    const float* w = in[1].values;
    const float* bias = in.size() == 3 ? in[2].values : nullptr;
    const position input = grid_of(in[0].shape), output = grid_of(out_shape), window = grid_of(a.slide.extent);
    const std::int64_t channels = in[0].shape.channels();
    const std::int64_t group_channels = channels / a.groups, group_filters = a.filters / a.groups;
    std::vector<double> sums(static_cast<std::size_t>(a.filters));

    for_each_cell(output, [&](const position& o) {
        for (std::int64_t f = 0; f < a.filters; ++f) sums[static_cast<std::size_t>(f)] = bias ? bias[f] : 0.0;
        for_each_cell(window, [&](const position& tap) {
            const position at = tapped(a.slide, o, tap);
            if (!lies_within(input, at)) return;  // padding is zero
            const position turned{window[0] - 1 - tap[0], window[1] - 1 - tap[1], window[2] - 1 - tap[2]};
            const std::int64_t weight_cell = cell_number(window, a.flip ? turned : tap);
            for (std::int64_t g = 0; g < a.groups; ++g)
                for (std::int64_t c = 0; c < group_channels; ++c) {
                    const double value = x[cell_number(input, at) * channels + g * group_channels + c];
                    const float* filters = w + (weight_cell * group_channels + c) * a.filters;
                    for (std::int64_t f = g * group_filters; f < (g + 1) * group_filters; ++f)
                        sums[static_cast<std::size_t>(f)] += value * filters[f];
                }
        });
        std::transform(sums.begin(), sums.end(), out + cell_number(output, o) * a.filters,
                       [](double sum) { return static_cast<float>(sum); });
    });
}

/// The filter's is a sum over samples and outputs, the input's a convolution of dy, the bias gets the sum of dy.
void gradient(gradient_context& c) {
    const auto a = c.attributes<ops::conv::attributes>();
    const ir::node_id x = c.operand(0), dy = c.gradient();
    if (c.wants(1)) c.contribute(1, c.apply(op::filter_gradient, a, {c.merged(x), c.merged(dy)}));
    if (c.wants(0)) c.contribute(0, data_gradient(c, dy, c.operand(1), a, c.sample(x)));
    if (c.operands() == 3) c.contribute(2, dy);
}

}  // namespace

operator_row conv_row() { return {.reference = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
