#include <Halide.h>

#include <algorithm>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/clip.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const auto a = unpack<ops::clip::attributes>(words);
    const double low = a.low, high = a.high;
    map_unary(in, out_shape, out, [=](double x) { return std::clamp(x, low, high); });
}

Halide::Expr expression(const attribute_words& words, const std::vector<Halide::Expr>& operands) {
    const auto a = unpack<ops::clip::attributes>(words);
    return Halide::clamp(operands[0], a.low, a.high);
}

/// From the output, so that the input need not be kept. 0 at the bounds.
void gradient(gradient_context& c) {
    const auto a = c.attributes<ops::clip::attributes>();
    c.contribute(0, c.where_between(c.output(), a.low, a.high, c.gradient()));
}

}  // namespace

operator_row clip_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
