#include <kiln/compiler/ops/gradient.hpp>

namespace kiln::compiler {

gradient_context::gradient_context(ir::graph& g, std::vector<bool> wanted)
    : builder(g), wanted_(std::move(wanted)), sums_(g.nodes.size(), -1) {}

void gradient_context::turn_to(ir::node_id node) {
    at_ = node;
    name_nodes(built()[node].name + ".gradient");
}

void gradient_context::contribute(std::size_t i, ir::node_id g) {
    if (wants(i)) add_to(operand(i), fitted(g, operand(i)));
}

void gradient_context::add_to(ir::node_id node, ir::node_id g) {
    ir::node_id& sum = sums_[static_cast<std::size_t>(node)];
    sum = sum < 0 ? g : add(sum, g);
}

}  // namespace kiln::compiler
