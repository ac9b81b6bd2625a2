#include <Halide.h>

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

}  // namespace

operator_row prelu_row() { return {reference, expression}; }

}  // namespace kiln::compiler
