#include <Halide.h>

#include <cmath>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/exponential.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    map_unary(in, out_shape, out, [](double x) { return x / (1 + std::exp(-x)); });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    return operands[0] / (1.0F + exponential(-operands[0]));
}

}  // namespace

operator_row silu_row() { return {reference, expression}; }

}  // namespace kiln::compiler
