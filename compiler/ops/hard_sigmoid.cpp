#include <Halide.h>

#include <algorithm>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/hard_sigmoid.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const auto a = unpack<ops::hard_sigmoid::attributes>(words);
    const double alpha = a.alpha, beta = a.beta;
    map_unary(in, out_shape, out, [=](double x) { return std::clamp(alpha * x + beta, 0.0, 1.0); });
}

Halide::Expr expression(const attribute_words& words, const std::vector<Halide::Expr>& operands) {
    const auto a = unpack<ops::hard_sigmoid::attributes>(words);
    return Halide::clamp(a.alpha * operands[0] + a.beta, 0.0F, 1.0F);
}

/// alpha between the bends, seen from the output.
void gradient(gradient_context& c) {
    const double alpha = c.attributes<ops::hard_sigmoid::attributes>().alpha;
    c.contribute(0, c.where_between(c.output(), 0, 1, c.scale(c.gradient(), alpha)));
}

}  // namespace

operator_row hard_sigmoid_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
