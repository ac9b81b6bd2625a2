#include <Halide.h>

#include <cmath>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/exponential.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/unary.hpp>
#include <numbers>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    map_unary(in, out_shape, out, [](double x) { return x / 2 * (1 + std::erf(x / std::numbers::sqrt2)); });
}

/// P(X > size) for a standard normal X and size >= 0, that is erfc(size / sqrt(2)) / 2, by formula 7.1.26 of Abramowitz
/// and Stegun, Handbook of Mathematical Functions (1964): off by at most 7.5e-8.
Halide::Expr upper_tail(const Halide::Expr& size) {
    const Halide::Expr z = size * static_cast<float>(1 / std::numbers::sqrt2);
    const Halide::Expr t = 1.0F / (1.0F + 0.3275911F * z);
    Halide::Expr series = 0.5F * 1.061405429F;
    for (const float coefficient : {-1.453152027F, 1.421413741F, -0.284496736F, 0.254829592F})
        series = series * t + 0.5F * coefficient;
    return series * t * exponential(-z * z);
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    // From the tail, not from erf: 1 + erf cancels where x is far below 0.
    const Halide::Expr& x = operands[0];
    const Halide::Expr rest = x * upper_tail(Halide::abs(x));
    return Halide::select(x < 0.0F, rest, x - rest);
}

/// y = x * P(x) with P the standard normal distribution: the slope is P(x) + x * p(x), p its density.
void gradient(gradient_context& c) {
    const ir::node_id x = c.operand(0);
    const ir::node_id erf = c.unary(unary_function::error_function, c.scale(x, 1 / std::numbers::sqrt2));
    const ir::node_id density = c.scale(c.unary(unary_function::exponential, c.scale(c.square(x), -0.5)),
                                        std::numbers::inv_sqrtpi / std::numbers::sqrt2);
    const ir::node_id slope = c.add(c.shift(c.scale(erf, 0.5), 0.5), c.multiply(x, density));
    c.contribute(0, c.multiply(slope, c.gradient()));
}

}  // namespace

operator_row gelu_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
