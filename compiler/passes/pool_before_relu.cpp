#include <kiln/compiler/passes/pool_before_relu.hpp>

#include <algorithm>

#include <kiln/compiler/passes/rewriter.hpp>
#include <kiln/dsl/ops/pool.hpp>

namespace kiln::passes {
namespace {

using ir::node_id;

bool has_gaps(const ir::node& pool) {
    const auto& dilation = ir::attributes_of<ops::pool_attributes>(pool).slide.dilation;
    return std::ranges::any_of(dilation, [](std::int32_t d) { return d != 1; });
}

/// How often each node is read, by other nodes and as an output.
std::vector<int> reads_of(const ir::graph& g) {
    std::vector<int> reads(g.nodes.size());
    for (const ir::node& n : g.nodes)
        for (const node_id o : n.operands) ++reads[static_cast<std::size_t>(o)];
    for (const ir::output& o : g.outputs) ++reads[static_cast<std::size_t>(o.node)];
    return reads;
}

}  // namespace

ir::graph pool_before_relu(const ir::graph& g) {
    const std::vector<int> reads = reads_of(g);
    rewriter r(g);
    for (node_id id = 0; id < g.size(); ++id) {
        const ir::node& n = g[id];
        const node_id below = n.operands.empty() ? -1 : n.operands[0];
        if (n.kind != op::max_pool || g[below].kind != op::relu || reads[static_cast<std::size_t>(below)] != 1 ||
            has_gaps(n)) {
            r.carry(id);
            continue;
        }
        ir::node pool = n, relu = g[below];
        pool.operands = {r.at(relu.operands[0])};
        relu.operands = {r.add(pool)};
        relu.shape = n.shape;
        r.replace(id, r.add(relu));
    }
    return r.finish();
}

}  // namespace kiln::passes
