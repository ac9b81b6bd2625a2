#include <algorithm>
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

}  // namespace

operator_row upsample_row() { return {.reference = reference}; }

}  // namespace kiln::compiler
