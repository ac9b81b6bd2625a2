#include <kiln/compiler/passes/remove_single_concat.hpp>
#include <kiln/compiler/passes/rewriter.hpp>

namespace kiln::passes {

ir::graph remove_single_concat(ir::graph g) {
    rewriter r(g);
    for (ir::node_id id = 0; id < g.size(); ++id) {
        const ir::node& n = g[id];
        if (n.kind == op::concat && n.operands.size() == 1 && !ir::is_weight(g[n.operands[0]]))
            r.replace(id, r.at(n.operands[0]));
        else
            r.carry(id);
    }
    return r.finish();
}

}  // namespace kiln::passes
