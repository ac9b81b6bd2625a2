#include <algorithm>
#include <cmath>
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

}  // namespace

operator_row local_response_norm_row() { return {.reference = reference}; }

}  // namespace kiln::compiler
