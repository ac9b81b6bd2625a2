#include <kiln/compiler/train/cost.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include <kiln/runtime/error.hpp>

namespace kiln::train {

using ir::node_id;

const ir::output& cost_output(const ir::graph& g) {
    const auto named = std::ranges::find(g.outputs, "cost", &ir::output::name);
    if (named != g.outputs.end()) return *named;
    if (g.outputs.size() == 1) return g.outputs[0];
    std::vector<std::string_view> names;
    for (const ir::output& o : g.outputs) names.push_back(o.name);
    throw error(
        fmt::format("none of the outputs of network '{}' is called cost: write outputs(\"cost\"_n = "
                    "cross_entropy(logits, label), ...); it has {}",
                    g.name, fmt::join(names, ", ")));
}

node_id batch_mean(ir::builder& b, node_id x) {
    const node_id sum = b.reshape(b.sum(x, (1 << b.sample(x).rank) - 1), dims::of(1));
    if (!ir::has_batch(b.built()[sum])) return sum;
    return b.reshape(b.reduce(reduce_function::mean, b.merged(sum), 1), dims::of(1));
}

node_id sum_of_squares(ir::builder& b, node_id x) {
    return b.reshape(b.reduce(reduce_function::sum_square, x, (1 << b.sample(x).rank) - 1), dims::of(1));
}

}  // namespace kiln::train
