#include <fmt/format.h>
#include <kiln/compiler/ir/graph.hpp>

namespace kiln::ir {

std::vector<node_id> graph::inputs() const {
    std::vector<node_id> found;
    for (node_id id = 0; id < size(); ++id)
        if ((*this)[id].kind == op::input) found.push_back(id);
    return found;
}

std::vector<std::vector<node_id>> graph::users() const {
    std::vector<std::vector<node_id>> found(nodes.size());
    for (node_id id = 0; id < size(); ++id)
        for (const node_id operand : (*this)[id].operands) found[static_cast<std::size_t>(operand)].push_back(id);
    return found;
}

std::string text_of(const dims& d) {
    if (d.rank == 0) return "scalar";
    std::string text = fmt::format("{}", d[0]);
    for (int axis = 1; axis < d.rank; ++axis) text += fmt::format("x{}", d[axis]);
    return text;
}

}  // namespace kiln::ir
