#include <fmt/format.h>
#include <kiln/compiler/ir/attributes_text.hpp>
#include <kiln/compiler/ir/print.hpp>

namespace kiln::ir {

std::string print(const graph& g) {
    std::string text = fmt::format("graph {} batch={}\n", g.name, g.batch);
    for (node_id id = 0; id < g.size(); ++id) {
        const node& n = g[id];
        text += fmt::format("  %{} = {}", id, name_of(n.kind));
        for (std::size_t i = 0; i < n.operands.size(); ++i)
            text += fmt::format("{}%{}", i == 0 ? " " : ", ", n.operands[i]);
        for (const std::string& attribute : attribute_texts(n)) text += " " + attribute;
        text += fmt::format(" : {}", text_of(n.shape));
        if (n.type != element::float32) text += fmt::format(" {}", name_of(n.type));
        if (n.whole) text += " (no batch)";
        if (!n.name.empty()) text += fmt::format("  # {}", n.name);
        text += '\n';
    }
    for (const output& o : g.outputs) text += fmt::format("  output \"{}\" = %{}\n", o.name, o.node);
    return text;
}

}  // namespace kiln::ir
