#include <Halide.h>

#include <cmath>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/exponential.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    map_unary(in, out_shape, out, [](double x) { return std::tanh(x); });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    // Near 0 the quotient of exponentials would cancel; Lambert's continued fraction x / (1 + x² / (3 + x² / (5 +
    // ...))), cut after the fifth denominator, is exact there to 2e-9 relative.
    const Halide::Expr& x = operands[0];
    const Halide::Expr square = x * x;
    const Halide::Expr near = x * ((square + 105.0F) * square + 945.0F) / ((15.0F * square + 420.0F) * square + 945.0F);
    const Halide::Expr far = 1.0F - 2.0F / (exponential(2.0F * Halide::abs(x)) + 1.0F);
    return Halide::select(Halide::abs(x) < 0.625F, near, Halide::select(x < 0.0F, -far, far));
}

/// dy * (1 - y²)
void gradient(gradient_context& c) {
    c.contribute(0, c.multiply(c.subtract(c.number(1), c.square(c.output())), c.gradient()));
}

}  // namespace

operator_row tanh_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
