// The arrays behind a graph_view, owned: what a DSL plug-in would export for a graph, free to be damaged by tests.
// Each array is its own exact allocation, so that a sanitizer sees any read beyond it.
#pragma once

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/dsl/graph_view.hpp>

namespace kiln::testing {

struct flat_view {
    std::string name;
    std::vector<node> nodes;
    std::vector<std::int32_t> edges;
    std::vector<char> text;
    std::vector<float> values;
    std::vector<named_output> outputs;

    graph_view view() const {
        graph_view v;
        v.name = name.c_str();
        v.nodes = nodes.data(), v.node_count = static_cast<std::int32_t>(nodes.size());
        v.edges = edges.data(), v.edge_count = static_cast<std::int32_t>(edges.size());
        v.text = text.data(), v.text_size = static_cast<std::int32_t>(text.size());
        v.values = values.data(), v.value_count = static_cast<std::int64_t>(values.size());
        v.outputs = outputs.data(), v.output_count = static_cast<std::int32_t>(outputs.size());
        return v;
    }
};

/// The view `g` came from: shapes without the batch, constants' values in one array.
inline flat_view flatten(const ir::graph& g) {
    flat_view flat;
    flat.name = g.name;
    const auto write = [&](const std::string& text) {
        const text_range range{static_cast<std::int32_t>(flat.text.size()), static_cast<std::int32_t>(text.size())};
        flat.text.insert(flat.text.end(), text.begin(), text.end());
        return range;
    };
    for (const ir::node& from : g.nodes) {
        node n;
        n.kind = from.kind, n.attributes = from.attributes, n.shape = ir::sample_dims(from);
        n.first_operand = static_cast<std::int32_t>(flat.edges.size());
        n.operands = static_cast<std::int32_t>(from.operands.size());
        flat.edges.insert(flat.edges.end(), from.operands.begin(), from.operands.end());
        n.name = write(from.name);
        n.first_value = static_cast<std::int64_t>(flat.values.size());
        if (from.kind == op::constant)
            flat.values.insert(flat.values.end(), from.value->values.begin(), from.value->values.end());
        flat.nodes.push_back(n);
    }
    for (const ir::output& o : g.outputs) flat.outputs.push_back({write(o.name), o.node});
    flat.edges.shrink_to_fit(), flat.text.shrink_to_fit(), flat.values.shrink_to_fit();
    return flat;
}

}  // namespace kiln::testing
