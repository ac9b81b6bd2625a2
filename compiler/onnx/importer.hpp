// An ONNX graph on its way into the compiler's graph. Operators (operators.hpp) take a node and add to the graph.
//
// ONNX keeps channels first, Kiln's layers last. A computed value exists in one of two forms, and is led from one to
// the other where an operator needs it, by transpositions that are views:
//   image   an activation with a batch, {batch, spatial..., channels}: what layers work on
//   plain   a tensor without a batch, its axes in ONNX's order: what operators on any axis work on
// Weights are transposed while importing. What depends on constants alone is computed while importing.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/onnx/constant.hpp>
#include <kiln/compiler/ops/folding.hpp>

namespace kiln::onnx {

/// Why a node cannot be taken: a sentence's end, "auto_pad SAME_WORSE is not known".
struct refusal {
    std::string why;
};

/// What an ONNX name stands for.
struct value {
    std::vector<std::int64_t> shape;  // as ONNX says
    std::optional<constant> known;    // known while importing: weights and shapes
    ir::node_id node = -1;            // otherwise: the image
    ir::node_id plain = -1;           // or the plain tensor
    /// A row that ONNX flattens channels first: the image it is made of, which `node` is the flattened form of,
    /// channels last. -1 where both orders are the same.
    ir::node_id flattened = -1;

    bool is_known() const { return known.has_value(); }
    std::int64_t rank() const { return static_cast<std::int64_t>(shape.size()); }
    std::int64_t extent(std::int64_t axis) const { return shape[static_cast<std::size_t>(axis)]; }
};

/// What a node makes: one value for each of its outputs.
struct results : std::vector<value> {
    using std::vector<value>::vector;
    results(value only) : std::vector<value>{std::move(only)} {}
};

class importer;

/// One node with what its inputs stand for, and the readers of its attributes.
class node_view {
public:
    node_view(importer& to, const node_proto& proto, std::int64_t opset, std::vector<const value*> inputs)
        : to_(to), proto_(proto), opset_(opset), inputs_(std::move(inputs)) {}

    const node_proto& proto() const { return proto_; }
    std::int64_t opset() const { return opset_; }
    std::size_t inputs() const { return inputs_.size(); }
    bool has_input(std::size_t i) const { return i < inputs_.size() && inputs_[i] != nullptr; }
    /// All throw refusal when the input is missing or of the other kind.
    const value& input(std::size_t i) const;
    value activation(std::size_t i) const;   // as an image
    ir::node_id plain(std::size_t i) const;  // known or not
    const constant& known(std::size_t i) const;
    const tensor& known_floats(std::size_t i) const;  // at least one
    std::vector<std::int64_t> known_integers(std::size_t i) const;
    float known_number(std::size_t i) const;  // of one element

    bool has(std::string_view attribute) const { return find(attribute) != nullptr; }
    std::int64_t integer(std::string_view attribute, std::int64_t otherwise) const;
    float number(std::string_view attribute, float otherwise) const;
    std::string_view text(std::string_view attribute, std::string_view otherwise) const;
    std::vector<std::int64_t> integers(std::string_view attribute, std::vector<std::int64_t> otherwise = {}) const;
    const attribute_proto* find(std::string_view attribute) const;
    /// `axis` of a tensor of `rank`, counted from the end when negative.
    static std::int64_t axis_of(std::int64_t axis, std::int64_t rank);

private:
    importer& to_;
    const node_proto& proto_;
    std::int64_t opset_;
    std::vector<const value*> inputs_;
};

/// Adds nodes to the graph. Shapes come from the operators' own rules; a rule's refusal becomes one of the node.
class importer {
public:
    explicit importer(ir::graph& g) : g_(g) {}

    const ir::graph& graph() const { return g_; }
    dims sample(const value& v) const { return ir::sample_dims(g_[v.node]); }

    /// Both forms of a value. An image needs a batch, channels and up to three spatial axes.
    ir::node_id image(const value& v);
    ir::node_id plain(const value& v);
    element type_of(const value& v) const { return v.is_known() ? v.known->value->type : g_[node_of(v)].type; }

    /// An operator on activations and weights; the result in ONNX's shape. What is computed of constants becomes one.
    template <class Attributes>
    value apply(op kind, const Attributes& a, std::vector<ir::node_id> operands, const node_view& n) {
        return add(kind, pack(a), std::move(operands), n);
    }
    template <class Attributes>
    value apply(op kind, const Attributes& a, std::vector<ir::node_id> operands, std::string_view name) {
        return add(kind, pack(a), std::move(operands), name);
    }
    value apply(op kind, std::vector<ir::node_id> operands, const node_view& n) {
        return add(kind, attribute_words{}, std::move(operands), n);
    }
    /// A weight with the name of node `n`'s input `i`; equal names with equal values are one parameter.
    ir::node_id parameter(const node_view& n, std::size_t i, role kind, int fan_in, tensor values);
    /// A weight without a name of its own.
    ir::node_id constant_node(const std::string& name, tensor values);
    ir::node_id constant_node(const std::string& name, std::shared_ptr<const tensor> value);

    ir::node_id push(ir::node n);

    /// The model has that many bytes, or more of them.
    void grant(std::uint64_t bytes) { allowance_.grant(bytes); }
    /// To be asked before numbers are made of shapes or copied of constants: throws refusal where a model of this size
    /// cannot need so many.
    void spend(std::int64_t numbers);

private:
    static ir::node_id node_of(const value& v) { return v.node >= 0 ? v.node : v.plain; }
    value add(op kind, const attribute_words& words, std::vector<ir::node_id> operands, const node_view& n);
    value add(op kind, const attribute_words& words, std::vector<ir::node_id> operands, std::string_view name);
    ir::node_id view(op kind, const attribute_words& words, ir::node_id operand);

    ir::graph& g_;
    compiler::folding_allowance allowance_;
    std::map<ir::node_id, ir::node_id> image_of_, plain_of_;  // conversions that are in the graph already
    std::map<const tensor*, ir::node_id> constant_of_;
    std::map<std::string, ir::node_id> parameters_;
};

/// The ONNX name of a node: its own, or its first output's.
std::string_view label_of(const node_proto& n);

/// {batch, spatial..., channels} as ONNX's {batch, channels, spatial...}.
std::vector<std::int64_t> channels_first(const dims& with_batch);
/// The reverse. Throws refusal beyond Kiln's ranks and extents.
dims channels_last(const std::vector<std::int64_t>& shape);
/// A tensor's values with its axes in another order: axis i of the result is axis order[i] of `t`.
tensor transposed(const tensor& t, const std::vector<std::size_t>& order);

}  // namespace kiln::onnx
