// The compiler's graph: what every importer produces, every pass transforms and the planner reads.
//
// Nodes are in topological order: operands come before their users; a node's id is its index. Activations carry the
// batch as their first extent: {batch, spatial..., channels}, and operators work on each sample. Parameters and
// constants have no batch; their values are held as tensors once weights are bound (compiler/weights.hpp). Nor has what
// is computed of tensors without a batch: there operators work on the whole tensor. merge_batch and split_batch lead
// from one kind to the other.
#pragma once

#include <limits>
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
    element type = element::float32;
    bool whole = false;  // an activation without a batch
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

/// No tensor has more: places in it are held in int32.
inline constexpr std::int64_t most_elements = std::numeric_limits<std::int32_t>::max();

/// Whether the node's value is known while compiling (a parameter or a constant) and so has no batch.
inline bool is_weight(const node& n) { return n.kind == op::parameter || n.kind == op::constant; }

inline bool has_batch(const node& n) { return !is_weight(n) && !n.whole; }

/// The dims operators see: those of one sample, or of the whole where there is no batch.
inline dims sample_dims(const node& n) { return has_batch(n) ? drop_first(n.shape) : n.shape; }

/// How many samples the node holds; 1 without a batch.
inline std::int32_t batch_of(const node& n) { return has_batch(n) ? n.shape[0] : 1; }

/// What an operator on `operands` does to the batch.
struct batch_rule {
    std::int32_t batch = 0;       // of the result; 0: it has none
    std::int32_t merged = 0;      // op::merge_batch: how many samples its attribute must name
    const char* wrong = nullptr;  // a sentence, where the operands do not fit
};
batch_rule batch_after(const graph& g, op kind, const std::vector<node_id>& operands);

/// A node of operator `kind` without its name, with the shape, type and batch that its operands make: what importers
/// and passes build graphs of. Throws kiln::error with the shape rule's sentence.
node computed(const graph& g, op kind, const attribute_words& words, std::vector<node_id> operands);

template <class Attributes>
Attributes attributes_of(const node& n) {
    return unpack<Attributes>(n.attributes);
}

/// "28x28x6"
std::string text_of(const dims& d);

/// For messages: the first eight, and how many more there are.
std::string list_of(std::vector<std::string> texts);

}  // namespace kiln::ir
