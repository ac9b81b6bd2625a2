#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/dense.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const operand_values> in, const dims&, float* out) {
    const std::int64_t units = unpack<ops::dense::attributes>(words).units, inputs = in[0].shape.volume();
    const float* w = in[1].values;
    std::vector<double> sums(static_cast<std::size_t>(units));
    if (in.size() == 3) sums.assign(in[2].values, in[2].values + units);
    for (std::int64_t i = 0; i < inputs; ++i)
        for (std::int64_t u = 0; u < units; ++u)
            sums[static_cast<std::size_t>(u)] += static_cast<double>(in[0].values[i]) * w[i * units + u];
    for (std::int64_t u = 0; u < units; ++u) out[u] = static_cast<float>(sums[static_cast<std::size_t>(u)]);
}

}  // namespace

operator_row dense_row() { return {reference, nullptr}; }

}  // namespace kiln::compiler
