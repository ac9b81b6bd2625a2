#include <kiln/compiler/passes/flatten_into_dense.hpp>
#include <kiln/compiler/passes/remove_dead_nodes.hpp>
#include <utility>

namespace kiln::passes {

ir::graph flatten_into_dense(ir::graph g) {
    for (ir::node& n : g.nodes) {
        if (n.kind != op::dense) continue;
        while (g[n.operands[0]].kind == op::flatten) n.operands[0] = g[n.operands[0]].operands[0];
    }
    return remove_dead_nodes(std::move(g));
}

}  // namespace kiln::passes
