#include <algorithm>
#include <cmath>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/local_response_norm.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const auto a = unpack<ops::local_response_norm::attributes>(words);
    const std::int64_t channels = out_shape.channels();
    for (std::int64_t cell = 0; cell < out_shape.volume(); cell += channels) {
        const float* x = in[0].values + cell;
        for (std::int64_t c = 0; c < channels; ++c) {
            const std::int64_t first = std::max<std::int64_t>(c - a.before(), 0);
            const std::int64_t last = std::min<std::int64_t>(c + a.after(), channels - 1);
            double sum = 0;
            for (std::int64_t k = first; k <= last; ++k) sum += static_cast<double>(x[k]) * x[k];
            const double base = a.bias + static_cast<double>(a.alpha) / a.size * sum;
            out[cell + c] = static_cast<float>(x[c] / std::pow(base, a.beta));
        }
    }
}

/// The mean over a window of channels, with zeros beyond them: channels seen as an axis that a pooling window slides
/// on.
ir::node_id window_mean(gradient_context& c, ir::node_id x, std::int32_t before, std::int32_t after) {
    const dims shape = c.sample(x);
    ops::pool_attributes a;
    a.count_padding = 1;
    a.slide.extent[1] = before + 1 + after;
    a.slide.pad_before[1] = before;
    a.slide.pad_after[1] = after;
    const dims apart = dims::of(shape.volume() / shape.channels(), shape.channels(), 1);
    return c.reshape(c.apply(op::average_pool, a, {c.reshape(x, apart)}), shape);
}

/// With b = bias + alpha * mean of x² over the window:
/// dx = dy * b^-beta - 2 * alpha * beta * x * mean of dy * y / b over the channels whose window this one is in.
void gradient(gradient_context& c) {
    const auto a = c.attributes<ops::local_response_norm::attributes>();
    const double alpha = a.alpha, beta = a.beta;
    const ir::node_id x = c.operand(0), dy = c.gradient();
    const ir::node_id b = c.shift(c.scale(window_mean(c, c.square(x), a.before(), a.after()), alpha), a.bias);
    const ir::node_id own = c.multiply(c.power(b, c.number(-beta)), dy);
    const ir::node_id others = window_mean(c, c.divide(c.multiply(c.output(), dy), b), a.after(), a.before());
    c.contribute(0, c.subtract(own, c.scale(c.multiply(others, x), 2 * alpha * beta)));
}

}  // namespace

operator_row local_response_norm_row() { return {.reference = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
