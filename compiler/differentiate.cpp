#include <kiln/compiler/differentiate.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <kiln/compiler/frontend/nearest.hpp>
#include <kiln/compiler/ir/verify.hpp>
#include <kiln/compiler/passes/differentiate.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln {
namespace {

ir::node_id cost_of(const ir::graph& g, const std::string& name) {
    const auto found = std::ranges::find(g.outputs, name, &ir::output::name);
    if (found != g.outputs.end()) return found->node;
    std::vector<std::string> names;
    for (const ir::output& o : g.outputs) names.push_back(o.name);
    throw error(fmt::format("graph '{}' has no output '{}' to be the cost; its outputs are {}", g.name, name,
                            ir::list_of(std::move(names))));
}

ir::node_id variable_of(const ir::graph& g, const std::string& name) {
    std::vector<std::string> names;
    for (ir::node_id id = 0; id < g.size(); ++id) {
        if (g[id].kind != op::input && g[id].kind != op::parameter) continue;
        if (g[id].name == name) return id;
        names.push_back(g[id].name);
    }
    throw error(fmt::format("graph '{}' has no input or parameter '{}' to be differentiated by{}", g.name, name,
                            frontend::did_you_mean(name, names)));
}

}  // namespace

ir::graph differentiate(ir::graph g, const std::string& cost, const std::vector<std::string>& wrt) {
    ir::verify(g);
    const ir::node_id from = cost_of(g, cost);
    std::vector<ir::node_id> variables;
    for (const std::string& name : wrt) variables.push_back(variable_of(g, name));
    auto [made, gradients] = passes::differentiate(std::move(g), from, variables);
    for (std::size_t i = 0; i < wrt.size(); ++i) made.outputs.push_back({wrt[i] + ".gradient", gradients[i]});
    ir::verify(made);
    return made;
}

}  // namespace kiln
