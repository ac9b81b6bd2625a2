#include <algorithm>
#include <cmath>
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

}  // namespace

operator_row softmax_row() { return {reference, nullptr}; }

}  // namespace kiln::compiler
