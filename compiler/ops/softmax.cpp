#include <algorithm>
#include <cmath>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    const std::int64_t channels = out_shape.channels();
    for (std::int64_t cell = 0; cell < out_shape.volume(); cell += channels) {
        const float* x = in[0].values + cell;
        const double largest = *std::max_element(x, x + channels);
        double sum = 0;
        for (std::int64_t c = 0; c < channels; ++c) sum += std::exp(x[c] - largest);
        for (std::int64_t c = 0; c < channels; ++c) out[cell + c] = static_cast<float>(std::exp(x[c] - largest) / sum);
    }
}

/// dx = y * (dy - sum over the channels of dy * y)
void gradient(gradient_context& c) {
    const ir::node_id y = c.output(), dy = c.gradient();
    const ir::node_id sum = c.sum(c.multiply(dy, y), 1 << (c.sample(y).rank - 1));
    c.contribute(0, c.multiply(c.subtract(dy, sum), y));
}

}  // namespace

operator_row softmax_row() { return {.reference = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
