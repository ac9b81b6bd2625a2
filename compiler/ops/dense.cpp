#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/dense.hpp>
#include <kiln/dsl/ops/filter_gradient.hpp>

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

/// With X the batch of inputs as rows: dX = dY Wᵀ, dW = Xᵀ dY, and the bias gets the sum of dY.
void gradient(gradient_context& c) {
    const ir::node_id x = c.operand(0), dy = c.gradient();
    const dims shape = c.sample(x);
    if (c.wants(0)) {
        const ops::dense::attributes back{static_cast<std::int32_t>(shape.volume())};
        c.contribute(0, c.reshape(c.apply(op::dense, back, {dy, c.transpose_last(c.operand(1))}), shape));
    }
    if (c.wants(1)) {
        const ops::filter_gradient::attributes rows{.filters = c.attributes<ops::dense::attributes>().units,
                                                    .slide = {}};
        const ir::node_id inputs = c.merged(c.reshape(x, dims::of(shape.volume())));
        c.contribute(1, c.apply(op::filter_gradient, rows, {inputs, c.merged(dy)}));
    }
    if (c.operands() == 3) c.contribute(2, dy);
}

}  // namespace

operator_row dense_row() { return {.reference = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
