#include <Halide.h>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    map_binary(in, out_shape, out, [](double a, double b) { return a + b; });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    return operands[0] + operands[1];
}

}  // namespace

operator_row add_row() { return {reference, expression}; }

}  // namespace kiln::compiler
