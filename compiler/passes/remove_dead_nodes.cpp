#include <kiln/compiler/passes/remove_dead_nodes.hpp>
#include <utility>

namespace kiln::passes {

ir::graph remove_dead_nodes(ir::graph g) {
    std::vector<bool> live(g.nodes.size());
    for (const ir::output& o : g.outputs) live[static_cast<std::size_t>(o.node)] = true;
    for (ir::node_id id = g.size() - 1; id >= 0; --id) {
        if (g[id].kind == op::input) live[static_cast<std::size_t>(id)] = true;
        if (!live[static_cast<std::size_t>(id)]) continue;
        for (const ir::node_id operand : g[id].operands) live[static_cast<std::size_t>(operand)] = true;
    }

    std::vector<ir::node_id> where(g.nodes.size(), -1);
    std::vector<ir::node> kept;
    for (ir::node_id id = 0; id < g.size(); ++id) {
        if (!live[static_cast<std::size_t>(id)]) continue;
        where[static_cast<std::size_t>(id)] = static_cast<ir::node_id>(kept.size());
        kept.push_back(std::move(g[id]));
        for (ir::node_id& operand : kept.back().operands) operand = where[static_cast<std::size_t>(operand)];
    }
    g.nodes = std::move(kept);
    for (ir::output& o : g.outputs) o.node = where[static_cast<std::size_t>(o.node)];
    return g;
}

}  // namespace kiln::passes
