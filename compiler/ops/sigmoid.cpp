#include <Halide.h>

#include <cmath>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/exponential.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    map_unary(in, out_shape, out, [](double x) { return 1 / (1 + std::exp(-x)); });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    return 1.0F / (1.0F + exponential(-operands[0]));
}

/// dy * y * (1 - y)
void gradient(gradient_context& c) {
    const ir::node_id y = c.output();
    c.contribute(0, c.multiply(c.multiply(c.subtract(c.number(1), y), y), c.gradient()));
}

}  // namespace

operator_row sigmoid_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
