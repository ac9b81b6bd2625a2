#include <Halide.h>

#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const float *x = in[0].values, *slope = in[1].values;
    const std::int64_t channels = out_shape.channels();
    for (std::int64_t i = 0; i < out_shape.volume(); ++i) out[i] = x[i] > 0 ? x[i] : slope[i % channels] * x[i];
}

/// Operands: x, slope.
Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    const Halide::Expr &x = operands[0], &slope = operands[1];
    return Halide::select(x > 0.0F, x, slope * x);
}

void gradient(gradient_context& c) {
    const ir::node_id x = c.operand(0), slope = c.operand(1), dy = c.gradient();
    if (c.wants(0)) c.contribute(0, c.where_positive(x, dy, c.multiply(slope, dy)));
    if (c.wants(1)) c.contribute(1, c.where_positive(x, c.number(0), c.multiply(x, dy)));
}

}  // namespace

operator_row prelu_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
