#include <fmt/format.h>
#include <algorithm>
#include <kiln/compiler/ir/attributes_text.hpp>
#include <kiln/compiler/ir/print.hpp>

namespace kiln::ir {

namespace {

struct fill {
    op kind;
    const char* color;
};
/// One hue per family, so that the shape of a network is seen before it is read. Operators not listed are white.
constexpr fill fills[] = {
    {op::input, "#eeeeee"},
    {op::conv, "#cfe2f3"},
    {op::dense, "#d9d2e9"},
    {op::max_pool, "#f9cb9c"},
    {op::average_pool, "#f9cb9c"},
    {op::upsample, "#f9cb9c"},
    {op::add, "#d9ead3"},
    {op::multiply, "#d9ead3"},
    {op::concat, "#d9ead3"},
    {op::relu, "#fff2cc"},
    {op::leaky_relu, "#fff2cc"},
    {op::prelu, "#fff2cc"},
    {op::clip, "#fff2cc"},
    {op::sigmoid, "#fff2cc"},
    {op::tanh, "#fff2cc"},
    {op::softmax, "#fff2cc"},
    {op::local_response_norm, "#fff2cc"},
    {op::elu, "#fff2cc"},
    {op::selu, "#fff2cc"},
    {op::silu, "#fff2cc"},
    {op::gelu, "#fff2cc"},
    {op::hard_sigmoid, "#fff2cc"},
    {op::hard_swish, "#fff2cc"},
};

const char* color_of(op kind) {
    const auto* found = std::ranges::find(fills, kind, &fill::kind);
    return found == std::end(fills) ? "#ffffff" : found->color;
}

/// Inside Graphviz's HTML-like labels and its quoted strings alike.
std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        switch (c) {
            case '&': safe += "&amp;"; break;
            case '<': safe += "&lt;"; break;
            case '>': safe += "&gt;"; break;
            case '"': safe += "&quot;"; break;
            case '\\': safe += "&#92;"; break;
            default: safe += c;
        }
    }
    return safe;
}

/// For every node, the first node of its box. An operator whose only activation is read by nobody else and keeps its
/// shape (an activation function, batch norm) is drawn inside the box of the node before it.
std::vector<node_id> boxes_of(const graph& g) {
    const auto users = g.users();
    std::vector<bool> is_output(g.nodes.size());
    for (const output& o : g.outputs) is_output[static_cast<std::size_t>(o.node)] = true;
    std::vector<node_id> box(g.nodes.size());
    for (node_id id = 0; id < g.size(); ++id) {
        const node& n = g[id];
        box[static_cast<std::size_t>(id)] = id;
        if (is_leaf(n.kind) || is_weight(g[n.operands[0]])) continue;
        const auto activations = std::ranges::count_if(n.operands, [&](node_id o) { return !is_weight(g[o]); });
        const auto before = static_cast<std::size_t>(n.operands[0]);
        const bool joins = activations == 1 && users[before].size() == 1 && !is_output[before] &&
                           n.shape == g.nodes[before].shape && !is_leaf(g.nodes[before].kind) && n.kind != op::conv &&
                           n.kind != op::max_pool && n.kind != op::average_pool;
        if (joins) box[static_cast<std::size_t>(id)] = box[before];
    }
    return box;
}

/// One operator: a row of its box.
std::string row_of(const node& n) {
    std::string attributes;
    for (const std::string& a : attribute_texts(n)) attributes += (attributes.empty() ? " " : ", ") + a;
    const bool is_input = n.kind == op::input;
    return fmt::format("<tr><td bgcolor=\"{}\"><b>{}</b>{}</td></tr>", color_of(n.kind),
                       escaped(is_input && !n.name.empty() ? n.name : std::string(name_of(n.kind))),
                       attributes.empty() ? "" : fmt::format("<font point-size=\"9\">{}</font>", escaped(attributes)));
}

}  // namespace

std::string print_dot(const graph& g) {
    std::string text = fmt::format(
        "digraph \"{}\" {{\n"
        "  nodesep=0.25; ranksep=0.25;\n"
        "  node [shape=plain, fontname=\"Helvetica\", fontsize=11];\n"
        "  edge [color=\"#555555\", arrowsize=0.6, fontname=\"Helvetica\", fontsize=11];\n",
        escaped(g.name));
    const std::vector<node_id> box = boxes_of(g);
    std::vector<std::string> rows(g.nodes.size());
    std::vector<const node*> last(g.nodes.size());
    for (node_id id = 0; id < g.size(); ++id) {
        if (is_weight(g[id])) continue;
        const auto first = static_cast<std::size_t>(box[static_cast<std::size_t>(id)]);
        rows[first] += row_of(g[id]);
        last[first] = &g[id];
    }
    for (std::size_t id = 0; id < rows.size(); ++id) {
        if (rows[id].empty()) continue;
        const node& n = *last[id];
        text += fmt::format(
            "  n{} [tooltip=\"{}\", label=<<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" cellpadding=\"4\" "
            "color=\"#888888\">{}<tr><td><font point-size=\"9\" color=\"#444444\">{}</font></td></tr></table>>];\n",
            id, escaped(g.nodes[id].name), rows[id], text_of(sample_dims(n)));
    }
    for (node_id id = 0; id < g.size(); ++id)
        for (const node_id operand : g[id].operands) {
            const node_id from = box[static_cast<std::size_t>(operand)], to = box[static_cast<std::size_t>(id)];
            if (!is_weight(g[operand]) && from != to) text += fmt::format("  n{} -> n{};\n", from, to);
        }
    for (std::size_t i = 0; i < g.outputs.size(); ++i) {
        const output& o = g.outputs[i];
        text += fmt::format("  out{} [shape=plaintext, label=\"{}\"];\n  n{} -> out{};\n", i, escaped(o.name),
                            box[static_cast<std::size_t>(o.node)], i);
    }
    return text + "}\n";
}

}  // namespace kiln::ir
