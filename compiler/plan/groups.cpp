#include <kiln/compiler/plan/groups.hpp>

#include <algorithm>

#include <kiln/compiler/ops/operator.hpp>
#include <kiln/compiler/plan/layout.hpp>

namespace kiln::plan {
namespace {

struct partitioner {
    const ir::graph& g;
    std::vector<std::vector<ir::node_id>> users = g.users();
    std::vector<int> group_of = std::vector<int>(static_cast<std::size_t>(g.size()), -1);
    std::vector<group> groups{};

    bool is_output(ir::node_id id) const {
        return std::any_of(g.outputs.begin(), g.outputs.end(), [&](const ir::output& o) { return o.node == id; });
    }

    // Whether `user` may be computed inside the group that ends with `host`: nobody else wants host's value.
    bool can_join(ir::node_id host, ir::node_id user) const {
        const int at = group_of[static_cast<std::size_t>(host)];
        if (at < 0 || groups[static_cast<std::size_t>(at)].result() != host || is_output(host)) return false;
        // Their elements change after they are stored.
        if (g[host].kind == op::scatter_elements || g[host].kind == op::filter_gradient) return false;
        // The kernel computes elements of one shape.
        if (!(g[host].shape == g[user].shape) || g[host].whole != g[user].whole) return false;
        const auto& readers = users[static_cast<std::size_t>(host)];
        return std::all_of(readers.begin(), readers.end(), [&](ir::node_id r) { return r == user; });
    }

    void place_elementwise(ir::node_id id) {
        std::vector<ir::node_id> operands = g[id].operands;
        // The latest candidate: its group then runs when every other operand is there.
        std::sort(operands.rbegin(), operands.rend());
        for (const ir::node_id host : operands) {
            if (!can_join(host, id)) continue;
            const int at = group_of[static_cast<std::size_t>(host)];
            groups[static_cast<std::size_t>(at)].epilogue.push_back(id);
            group_of[static_cast<std::size_t>(id)] = at;
            return;
        }
        const auto source = std::find_if(g[id].operands.begin(), g[id].operands.end(),
                                         [&](ir::node_id o) { return !ir::is_weight(g[o]); });
        open({-1, *source, {id}}, id);
    }

    void open(group made, ir::node_id id) {
        group_of[static_cast<std::size_t>(id)] = static_cast<int>(groups.size());
        groups.push_back(std::move(made));
    }
};

}  // namespace

std::vector<group> partition(const ir::graph& g) {
    partitioner p{g};
    for (ir::node_id id = 0; id < g.size(); ++id) {
        const op kind = g[id].kind;
        if (is_leaf(kind) || kind == op::concat || kind == op::flatten || kind == op::reshape ||
            only_arranges(g, g[id]))
            continue;
        if (compiler::row_of(kind).expression)
            p.place_elementwise(id);
        else
            p.open({id, -1, {}}, id);
    }
    std::sort(p.groups.begin(), p.groups.end(), [](const group& a, const group& b) { return a.result() < b.result(); });
    return std::move(p.groups);
}

}  // namespace kiln::plan
