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

bool is_output(const ir::graph& g, node_id id) {
    return std::ranges::find(g.outputs, id, &ir::output::node) != g.outputs.end();
}

}  // namespace

ir::graph pool_before_relu(const ir::graph& g) {
    const std::vector<std::vector<node_id>> users = g.users();
    rewriter r(g);
    for (node_id id = 0; id < g.size(); ++id) {
        const ir::node& n = g[id];
        const node_id below = n.operands.empty() ? -1 : n.operands[0];
        if (n.kind != op::max_pool || g[below].kind != op::relu || has_gaps(n) ||
            users[static_cast<std::size_t>(below)].size() != 1 || is_output(g, below)) {
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
