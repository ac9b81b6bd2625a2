#include <Halide.h>

#include <cmath>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/batch_norm.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const double epsilon = unpack<ops::batch_norm::attributes>(words).epsilon;
    const float *x = in[0].values, *scale = in[1].values, *shift = in[2].values, *mean = in[3].values,
                *variance = in[4].values;
    const std::int64_t channels = out_shape.channels();
    for (std::int64_t i = 0; i < out_shape.volume(); ++i) {
        const std::int64_t c = i % channels;
        const double normalised = (static_cast<double>(x[i]) - mean[c]) / std::sqrt(variance[c] + epsilon);
        out[i] = static_cast<float>(normalised * scale[c] + shift[c]);
    }
}

/// Operands: x, scale, shift, mean, variance.
Halide::Expr expression(const attribute_words& words, const std::vector<Halide::Expr>& operands) {
    const Halide::Expr &x = operands[0], &scale = operands[1], &shift = operands[2], &mean = operands[3],
                       &variance = operands[4];
    const float epsilon = unpack<ops::batch_norm::attributes>(words).epsilon;
    return (x - mean) * (scale / Halide::sqrt(variance + epsilon)) + shift;
}

/// With fixed statistics the operator is affine in x, scale and shift.
void gradient(gradient_context& c) {
    const double epsilon = c.attributes<ops::batch_norm::attributes>().epsilon;
    const ir::node_id x = c.operand(0), scale = c.operand(1), mean = c.operand(3), variance = c.operand(4);
    const ir::node_id dy = c.gradient();
    const ir::node_id inverse = c.unary(unary_function::reciprocal, c.square_root(c.shift(variance, epsilon)));
    if (c.wants(0)) c.contribute(0, c.multiply(dy, c.multiply(scale, inverse)));
    if (c.wants(1)) c.contribute(1, c.multiply(dy, c.multiply(c.subtract(x, mean), inverse)));
    c.contribute(2, dy);
    if (c.wants(3)) c.contribute(3, c.multiply(dy, c.negate(c.multiply(scale, inverse))));
    if (c.wants(4)) {
        const ir::node_id factor = c.scale(c.multiply(c.multiply(scale, inverse), c.square(inverse)), -0.5);
        c.contribute(4, c.multiply(dy, c.multiply(c.subtract(x, mean), factor)));
    }
}

}  // namespace

operator_row batch_norm_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
