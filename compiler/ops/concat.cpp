#include <algorithm>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const std::int64_t cells = out_shape.volume() / out_shape.channels();
    for (std::int64_t cell = 0; cell < cells; ++cell)
        for (const operand_values& part : in) {
            const std::int64_t channels = part.shape.channels();
            out = std::copy_n(part.values + cell * channels, channels, out);
        }
}

}  // namespace

operator_row concat_row() { return {reference, nullptr}; }

}  // namespace kiln::compiler
