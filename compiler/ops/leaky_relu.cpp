#include <Halide.h>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
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

/// From the output where its sign is the input's, so that the input need not be kept.
void gradient(gradient_context& c) {
    const double slope = c.attributes<ops::leaky_relu::attributes>().slope;
    const ir::node_id signs = slope >= 0 ? c.output() : c.operand(0);
    c.contribute(0, c.where_positive(signs, c.gradient(), c.scale(c.gradient(), slope)));
}

}  // namespace

operator_row leaky_relu_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
