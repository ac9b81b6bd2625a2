#include <algorithm>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/compiler/ops/sliding.hpp>
#include <kiln/dsl/ops/upsample.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const triple factor = unpack<ops::upsample::attributes>(words).factor;
    const position input = grid_of(in[0].shape), output = grid_of(out_shape);
    const std::int64_t channels = out_shape.channels();
    for_each_cell(output, [&](const position& o) {
        const position from{o[0] / factor[0], o[1] / factor[1], o[2] / factor[2]};
        out = std::copy_n(in[0].values + cell_number(input, from) * channels, channels, out);
    });
}

/// The sum over the outputs that show an input: their average, times how many there are.
void gradient(gradient_context& c) {
    const triple factor = c.attributes<ops::upsample::attributes>().factor;
    ops::pool_attributes a;
    a.slide.extent = a.slide.stride = factor;
    const ir::node_id mean = c.apply(op::average_pool, a, {c.gradient()});
    c.contribute(0, c.scale(mean, static_cast<double>(factor[0]) * factor[1] * factor[2]));
}

}  // namespace

operator_row upsample_row() { return {.reference = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
