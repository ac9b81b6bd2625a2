#include <kiln/compiler/passes/differentiate.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/operator.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::passes {
namespace {

using ir::node_id;

void expect_real(const ir::graph& g, node_id id, std::string_view what) {
    if (g[id].type == element::float32) return;
    throw error(fmt::format("graph '{}', node {} '{}': {} must be float32 to be differentiated, but it is {}", g.name,
                            id, g[id].name, what, name_of(g[id].type)));
}

/// For every node, whether it is one of `wrt` or its value may change smoothly with one of them.
std::vector<bool> depending_on(const ir::graph& g, std::span<const node_id> wrt) {
    std::vector<bool> depends(g.nodes.size());
    for (const node_id id : wrt) depends[static_cast<std::size_t>(id)] = true;
    for (node_id id = 0; id < g.size(); ++id)
        if (g[id].type == element::float32 &&
            std::ranges::any_of(g[id].operands, [&](node_id o) { return depends[static_cast<std::size_t>(o)]; }))
            depends[static_cast<std::size_t>(id)] = true;
    return depends;
}

}  // namespace

differentiated differentiate(ir::graph g, node_id cost, std::span<const node_id> wrt) {
    expect_real(g, cost, "a cost");
    for (const node_id id : wrt) expect_real(g, id, "what a cost is differentiated by");
    differentiated made{std::move(g)};
    const std::vector<bool> depends = depending_on(made.graph, wrt);
    compiler::gradient_context c(made.graph, depends);
    c.turn_to(cost);
    c.add_to(cost, c.filled(1.0 / ir::batch_of(made.graph[cost]), cost));
    // Users come after what they read, so a node's contributions are complete when its turn comes.
    for (node_id id = cost; id >= 0; --id) {
        const op kind = made.graph[id].kind;
        if (is_leaf(kind) || !depends[static_cast<std::size_t>(id)] || c.gradient_of(id) < 0) continue;
        const bool inner = std::ranges::any_of(made.graph[id].operands,
                                               [&](node_id o) { return depends[static_cast<std::size_t>(o)]; });
        if (!inner) continue;  // it is asked for itself
        const auto gradient = compiler::row_of(kind).gradient;
        if (!gradient)
            throw error(
                fmt::format("graph '{}', node {} '{}': {} has no gradient, so the cost cannot be differentiated "
                            "through it",
                            made.graph.name, id, made.graph[id].name, name_of(kind)));
        c.turn_to(id);
        gradient(c);
    }
    for (const node_id id : wrt) {
        c.turn_to(id);
        made.gradients.push_back(c.gradient_of(id) >= 0 ? c.gradient_of(id) : c.filled(0, id));
    }
    return made;
}

}  // namespace kiln::passes
