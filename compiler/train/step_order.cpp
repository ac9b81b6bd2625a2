#include <kiln/compiler/train/step_order.hpp>

#include <algorithm>
#include <set>

namespace kiln::train {

using ir::node_id;

std::vector<node_id> computed_in_order(const ir::graph& g, const std::vector<node_id>& gradients,
                                       node_id update_begin) {
    std::vector<node_id> order, waiting;
    std::vector<bool> done(g.nodes.size());
    for (node_id id = 0; id < g.size(); ++id) {
        if (g[id].kind == op::input)
            done[static_cast<std::size_t>(id)] = true;
        else if (id >= update_begin)
            waiting.push_back(id);
    }
    const auto put = [&](node_id id) {
        order.push_back(id);
        done[static_cast<std::size_t>(id)] = true;
    };
    const auto put_ready = [&] {  // operands come before their readers, so that once through is enough
        std::erase_if(waiting, [&](node_id id) {
            const bool ready = std::ranges::all_of(
                g[id].operands, [&](node_id o) { return static_cast<bool>(done[static_cast<std::size_t>(o)]); });
            if (ready) put(id);
            return ready;
        });
    };
    put_ready();
    const std::set<node_id> awaited(gradients.begin(), gradients.end());
    for (node_id id = 0; id < std::min(update_begin, g.size()); ++id) {
        if (g[id].kind == op::input) continue;
        put(id);
        if (awaited.contains(id)) put_ready();
    }
    put_ready();
    return order;
}

ir::graph reordered(const ir::graph& g, const std::vector<node_id>& order) {
    std::vector<node_id> where(g.nodes.size(), -1);
    for (std::size_t i = 0; i < order.size(); ++i) where[static_cast<std::size_t>(order[i])] = static_cast<node_id>(i);
    ir::graph made;
    made.name = g.name;
    made.batch = g.batch;
    for (const node_id id : order) {
        made.nodes.push_back(g[id]);
        for (node_id& operand : made.nodes.back().operands) operand = where[static_cast<std::size_t>(operand)];
    }
    for (const ir::output& o : g.outputs) made.outputs.push_back({o.name, where[static_cast<std::size_t>(o.node)]});
    return made;
}

}  // namespace kiln::train
