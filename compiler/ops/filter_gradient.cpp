#include <kiln/compiler/ops/rows.hpp>
#include <kiln/compiler/ops/sliding.hpp>
#include <kiln/dsl/ops/filter_gradient.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const auto a = unpack<ops::filter_gradient::attributes>(words);
    const dims sample = ops::filter_gradient::sample_of(in[0].shape);
    const position input = grid_of(sample), window = grid_of(a.slide.extent);
    const position output = grid_of(ops::filter_gradient::sample_of(in[1].shape));
    const std::int64_t channels = sample.channels(), samples = in[0].shape[0], filters = a.filters;
    const std::int64_t group_channels = channels / a.groups, group_filters = filters / a.groups;
    const std::int64_t cells = output[0] * output[1] * output[2];
    std::vector<double> sums(static_cast<std::size_t>(out_shape.volume()));

    for (std::int64_t n = 0; n < samples; ++n)
        for_each_cell(output, [&](const position& o) {
            const float* gradient = in[1].values + (n * cells + cell_number(output, o)) * filters;
            for_each_cell(window, [&](const position& tap) {
                const position at = tapped(a.slide, o, tap);
                if (!lies_within(input, at)) return;  // padding is zero
                const float* x = in[0].values + n * sample.volume() + cell_number(input, at) * channels;
                const position turned{window[0] - 1 - tap[0], window[1] - 1 - tap[1], window[2] - 1 - tap[2]};
                const std::int64_t cell = cell_number(window, a.flip ? turned : tap);
                for (std::int64_t c = 0; c < group_channels; ++c) {
                    double* row = sums.data() + (cell * group_channels + c) * filters;
                    for (std::int64_t f = 0; f < filters; ++f)
                        row[f] += static_cast<double>(x[f / group_filters * group_channels + c]) * gradient[f];
                }
            });
        });
    for (std::size_t i = 0; i < sums.size(); ++i) out[i] = static_cast<float>(sums[i]);
}

}  // namespace

operator_row filter_gradient_row() { return {reference, nullptr}; }

}  // namespace kiln::compiler
