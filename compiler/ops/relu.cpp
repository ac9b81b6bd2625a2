#include <Halide.h>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    map_unary(in, out_shape, out, [](double x) { return x > 0 ? x : 0; });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    return Halide::max(operands[0], 0.0F);
}

/// From the output, so that the input need not be kept. 0 where x is 0.
void gradient(gradient_context& c) { c.contribute(0, c.where_positive(c.output(), c.gradient(), c.number(0))); }

}  // namespace

operator_row relu_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
