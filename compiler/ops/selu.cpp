#include <Halide.h>

#include <cmath>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/exponential.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/selu.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    using ops::selu;
    map_unary(in, out_shape, out, [](double x) { return selu::gamma * (x > 0 ? x : selu::alpha * std::expm1(x)); });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    const Halide::Expr& x = operands[0];
    const auto above = static_cast<float>(ops::selu::gamma),
               below = static_cast<float>(ops::selu::gamma * ops::selu::alpha);
    return Halide::select(x > 0.0F, above * x, below * exponential_minus_one(x));
}

/// Below 0 the slope is gamma * alpha * exp(x), which is y + gamma * alpha.
void gradient(gradient_context& c) {
    using ops::selu;
    const ir::node_id slope =
        c.where_positive(c.output(), c.number(selu::gamma), c.shift(c.output(), selu::gamma * selu::alpha));
    c.contribute(0, c.multiply(slope, c.gradient()));
}

}  // namespace

operator_row selu_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
