#include <Halide.h>

#include <cmath>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/exponential.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/elu.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const double alpha = unpack<ops::elu::attributes>(words).alpha;
    map_unary(in, out_shape, out, [alpha](double x) { return x > 0 ? x : alpha * std::expm1(x); });
}

Halide::Expr expression(const attribute_words& words, const std::vector<Halide::Expr>& operands) {
    const Halide::Expr& x = operands[0];
    return Halide::select(x > 0.0F, x, unpack<ops::elu::attributes>(words).alpha * exponential_minus_one(x));
}

/// Below 0 the slope is alpha * exp(x), which is y + alpha. From the output where its sign is the input's.
void gradient(gradient_context& c) {
    const double alpha = c.attributes<ops::elu::attributes>().alpha;
    const ir::node_id below = c.multiply(c.shift(c.output(), alpha), c.gradient());
    c.contribute(0, c.where_positive(alpha >= 0 ? c.output() : c.operand(0), c.gradient(), below));
}

}  // namespace

operator_row elu_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
