#include <kiln/compiler/passes/remove_dead_nodes.hpp>
#include <kiln/compiler/passes/rewriter.hpp>
#include <utility>

namespace kiln::passes {

rewriter::rewriter(const ir::graph& from) : from_(from), where_(from.nodes.size(), -1) {
    to_.name = from.name;
    to_.batch = from.batch;
}

ir::node_id rewriter::carry(ir::node_id old) {
    ir::node n = from_[old];
    for (ir::node_id& operand : n.operands) operand = at(operand);
    const ir::node_id now = add(std::move(n));
    replace(old, now);
    return now;
}

ir::node_id rewriter::add(ir::node n) {
    to_.nodes.push_back(std::move(n));
    return to_.size() - 1;
}

void rewriter::replace(ir::node_id old, ir::node_id now) { where_[static_cast<std::size_t>(old)] = now; }

ir::graph rewriter::finish() {
    for (const ir::output& o : from_.outputs) to_.outputs.push_back({o.name, at(o.node)});
    return remove_dead_nodes(std::move(to_));
}

}  // namespace kiln::passes
