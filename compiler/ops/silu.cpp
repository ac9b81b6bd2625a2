#include <Halide.h>

#include <cmath>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/exponential.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    map_unary(in, out_shape, out, [](double x) { return x / (1 + std::exp(-x)); });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    return operands[0] / (1.0F + exponential(-operands[0]));
}

/// y = x * s with s = sigmoid(x): the slope is s + y * (1 - s).
void gradient(gradient_context& c) {
    const ir::node_id s = c.apply(op::sigmoid, {c.operand(0)});
    const ir::node_id slope = c.add(s, c.multiply(c.output(), c.subtract(c.number(1), s)));
    c.contribute(0, c.multiply(slope, c.gradient()));
}

}  // namespace

operator_row silu_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
