// How the tests look at a recorded graph: names, operands, values.
#pragma once

#include <kiln/dsl/dsl.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::testing {

inline std::string text_at(const graph_view& g, const text_range& at) {
    return {g.text + at.begin, static_cast<std::size_t>(at.size)};
}

/// The names of the nodes of one kind, in order.
inline std::vector<std::string> names(const graph_view& g, op kind) {
    std::vector<std::string> found;
    for (int id = 0; id < g.node_count; ++id)
        if (g.nodes[id].kind == kind) found.push_back(text_at(g, g.nodes[id].name));
    return found;
}

/// The names of the layers: all but leaves.
inline std::vector<std::string> layer_names(const graph_view& g) {
    std::vector<std::string> found;
    for (int id = 0; id < g.node_count; ++id)
        if (!is_leaf(g.nodes[id].kind)) found.push_back(text_at(g, g.nodes[id].name));
    return found;
}

/// The first node of that name, or a failure of the test that asks.
inline const node& named_node(const graph_view& g, std::string_view name) {
    for (int id = 0; id < g.node_count; ++id)
        if (text_at(g, g.nodes[id].name) == name) return g.nodes[id];
    throw std::runtime_error("no node is called " + std::string(name));
}

inline std::vector<float> values_of(const graph_view& g, const node& n) {
    return {g.values + n.first_value, g.values + n.first_value + n.shape.volume()};
}

inline std::vector<int> operands_of(const graph_view& g, const node& n) {
    return {g.edges + n.first_operand, g.edges + n.first_operand + n.operands};
}

}  // namespace kiln::testing
