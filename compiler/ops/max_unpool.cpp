#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/compiler/ops/sliding.hpp>
#include <kiln/dsl/ops/max_unpool.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const ops::window w = unpack<ops::max_unpool::attributes>(words).slide;
    const tensor &x = *in[0], &places = *in[1];
    const position pooled = grid_of(dims_of(out.shape)), windows = grid_of(dims_of(x.shape));
    const std::int64_t channels = out.shape.back();
    std::vector<double> sums(out.size());
    for_each_cell(windows, [&](const position& o) {
        for_each_cell(grid_of(w.extent), [&](const position& tap) {
            const position at = tapped(w, o, tap);
            if (!lies_within(pooled, at)) return;
            const std::int64_t cell = cell_number(pooled, at);
            for (std::int64_t c = 0; c < channels; ++c) {
                const auto from = static_cast<std::size_t>(cell_number(windows, o) * channels + c);
                if (places.integers[from] == cell)
                    sums[static_cast<std::size_t>(cell * channels + c)] += x.values[from];
            }
        });
    });
    out.values.assign(sums.begin(), sums.end());
}

/// Every value gets what its place got.
void gradient(gradient_context& c) {
    const ir::node_id places = c.operand(1);
    const dims x = c.sample(c.operand(0)), y = c.sample(c.output());
    const auto row = [](const dims& d) { return dims::of(d.volume() / d.channels(), d.channels()); };
    const ir::node_id found = c.apply(op::gather_elements, ops::gather_elements::attributes{0},
                                      {c.reshape(c.gradient(), row(y)), c.reshape(places, row(x))});
    const ir::node_id none = c.constant({{}, {}, element::int32, {0}});
    c.contribute(0, c.select(c.less(places, none), c.number(0), c.reshape(found, x)));
}

}  // namespace

operator_row max_unpool_row() { return {.any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
