#include <Halide.h>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/leaky_relu.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const double slope = unpack<ops::leaky_relu::attributes>(words).slope;
    map_unary(in, out_shape, out, [slope](double x) { return x > 0 ? x : slope * x; });
}

Halide::Expr expression(const attribute_words& words, const std::vector<Halide::Expr>& operands) {
    const Halide::Expr& x = operands[0];
    return Halide::select(x > 0.0F, x, unpack<ops::leaky_relu::attributes>(words).slope * x);
}

}  // namespace

operator_row leaky_relu_row() { return {reference, expression}; }

}  // namespace kiln::compiler
