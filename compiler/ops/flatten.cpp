#include <algorithm>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    std::copy_n(in[0].values, out_shape.volume(), out);
}

}  // namespace

operator_row flatten_row() { return {reference, nullptr}; }

}  // namespace kiln::compiler
