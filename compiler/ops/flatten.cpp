#include <algorithm>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    std::copy_n(in[0].values, out_shape.volume(), out);
}

void gradient(gradient_context& c) { c.contribute(0, c.reshape(c.gradient(), c.sample(c.operand(0)))); }

}  // namespace

operator_row flatten_row() { return {.reference = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
