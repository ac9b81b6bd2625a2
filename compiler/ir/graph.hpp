// The compiler's graph: what every importer produces, every pass transforms and the planner reads.
//
// Nodes are in topological order: operands come before their users; a node's id is its index. Activations carry the
// batch as their first extent: {batch, spatial..., channels}. Parameters and constants have no batch; their values
// are held as tensors once weights are bound (compiler/weights.hpp).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <kiln/dsl/rule.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::ir {

using node_id = int;

struct node {
    op kind = op::input;
    attribute_words attributes{};
    std::vector<node_id> operands;
    dims shape;                           // with batch for activations, without for parameters and constants
    std::string name;                     // "stage1.conv2"; a parameter's is its weight name, "stage1.conv2.weight"
    std::shared_ptr<const tensor> value;  // op::constant, and op::parameter once bound
};

struct output {
    std::string name;
    node_id node = 0;
};

struct graph {
    std::string name;
    int batch = 1;
    std::vector<node> nodes;
    std::vector<output> outputs;

    node& operator[](node_id id) { return nodes[static_cast<std::size_t>(id)]; }
    const node& operator[](node_id id) const { return nodes[static_cast<std::size_t>(id)]; }
    int size() const { return static_cast<int>(nodes.size()); }
    /// The op::input nodes, in the order the caller passes them.
    std::vector<node_id> inputs() const;
    /// For every node, the nodes that read it, each once per operand.
    std::vector<std::vector<node_id>> users() const;
};

/// Whether the node's value is known while compiling (a parameter or a constant) and so has no batch.
inline bool is_weight(const node& n) { return n.kind == op::parameter || n.kind == op::constant; }

/// The dims of one sample: an activation's without its batch, a weight's as they are.
inline dims sample_dims(const node& n) { return is_weight(n) ? n.shape : drop_first(n.shape); }

template <class Attributes>
Attributes attributes_of(const node& n) {
    return unpack<Attributes>(n.attributes);
}

/// "28x28x6"
std::string text_of(const dims& d);

}  // namespace kiln::ir
