// How a pass makes its new graph: nodes are carried over one by one, in order, and the pass only says what differs.
//
//   rewriter r(g);
//   for (node_id id = 0; id < g.size(); ++id)
//       if (disappears(id)) r.replace(id, r.at(operand)); else r.carry(id);
//   return r.finish();
//
// Nodes are added after those they read, so the order stays topological.
#pragma once

#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::passes {

class rewriter {
public:
    /// Keeps a reference to `from`.
    explicit rewriter(const ir::graph& from);

    /// Carries node `old` over, its operands led to where they went. Returns its new id.
    ir::node_id carry(ir::node_id old);
    /// Adds a node that was not there; its operands are new ids.
    ir::node_id add(ir::node n);
    /// Whoever reads node `old` shall read new node `now`.
    void replace(ir::node_id old, ir::node_id now);
    /// Where old node `old` went.
    ir::node_id at(ir::node_id old) const { return where_[static_cast<std::size_t>(old)]; }

    /// The new graph, without nodes that nothing reads any more.
    ir::graph finish();

private:
    const ir::graph& from_;
    ir::graph to_;
    std::vector<ir::node_id> where_;
};

}  // namespace kiln::passes
