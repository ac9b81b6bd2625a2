#include <Halide.h>

#include <cmath>
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

}  // namespace

operator_row batch_norm_row() { return {reference, expression}; }

}  // namespace kiln::compiler
