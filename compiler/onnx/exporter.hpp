// An ONNX model while it is made of a graph: the names of tensors, and the order in which each has its axes.
//
// A value of the graph has axes as Kiln counts them, the batch first where there is one, channels last. The ONNX tensor
// that stands for it may have them in any order, so that most operators need no transposition: a convolution makes its
// result channels first, what works element by element keeps the order, and Kiln's transpositions are another order of
// the same tensor. A Transpose is added where an operator needs an order in which the value does not exist yet.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/onnx/write_proto.hpp>

namespace kiln::onnx {

/// Axis i of the ONNX tensor is axis order[i] of the value.
using axis_order = std::vector<std::size_t>;

axis_order natural_order(std::size_t rank);
/// {batch, channels, spatial...}, or {channels, spatial...}.
axis_order channels_first_order(const ir::node& n);
/// Where in the ONNX tensor the value's axis is.
std::int64_t place_of(std::size_t axis, const axis_order& order);
std::vector<std::int64_t> arranged(const std::vector<std::int64_t>& extents, const axis_order& order);

class exporter {
public:
    explicit exporter(const ir::graph& g);

    const ir::node& operator[](ir::node_id id) const { return g_[id]; }

    // Operands. All return the name of a tensor.

    /// The order in which the value was made.
    axis_order order_of(ir::node_id id) const;
    std::string in_order(ir::node_id id, const axis_order& order);
    /// In an order whose memory is the natural order's.
    std::string in_memory_order(ir::node_id id);
    /// As a batch of images, channels first: of one, where the value has no batch.
    std::string image(ir::node_id id);
    /// As an operand of something with `rank` axes (the batch counted) in that order: of as many axes, those it lacks
    /// with extent 1, or without them where ONNX stretches it by itself.
    std::string aligned(ir::node_id id, std::size_t rank, const axis_order& order);
    /// The order that serves most operands of `n`, which works element by element, and the operands in it.
    std::pair<axis_order, std::vector<std::string>> aligned_operands(const ir::node& n);
    /// A weight, changed (or not: null). `form` says how, for it is done once.
    std::string weight(ir::node_id id, const std::string& form, const std::function<tensor(const tensor&)>& change);

    std::string constant(std::string_view what, tensor value);
    std::string integers(std::string_view what, std::vector<std::int64_t> values);
    std::string number(double value, element type = element::float32);

    // Results.

    /// The node that following calls are about.
    void begin(ir::node_id id);
    /// A node on the way to the result; the name of its output.
    std::string emit(std::string_view operation, std::vector<std::string> inputs,
                     std::vector<attribute_record> attributes = {}, bool second = false);
    /// The node that makes the result. `second`, here and above: the result is the operator's second output.
    void define(std::string_view operation, std::vector<std::string> inputs, std::vector<attribute_record> attributes,
                const axis_order& order, bool second = false);
    /// The same of an operator on images.
    void define_image(std::string_view operation, std::vector<std::string> inputs,
                      std::vector<attribute_record> attributes = {});
    /// The result is the operand, its axes renamed: axis i of the result is axis order[i] of the operand.
    void define_as(ir::node_id operand, const axis_order& order);

    /// The model, without what no output needs.
    model_record finish();

private:
    struct form {
        axis_order order;
        std::string name;
    };

    const std::vector<form>& forms_of(ir::node_id id) const { return forms_[static_cast<std::size_t>(id)]; }
    std::string unique(std::string_view wanted);
    std::string add_initializer(std::string_view wanted, std::shared_ptr<const tensor> value);
    void put(std::string_view operation, std::vector<std::string> inputs, const std::string& output,
             std::vector<attribute_record> attributes, bool second = false);
    std::string output_tensor(const ir::output& o, std::map<std::string, std::string>& renamed);
    void remove_unread();

    const ir::graph& g_;
    ir::node_id current_ = -1;
    std::string label_;  // what names are made of
    model_record model_;
    std::map<std::string, int, std::less<>> taken_;  // names, and how many tensors wanted each
    std::vector<std::vector<form>> forms_;           // of every node; of weights only when they are asked for
    std::map<std::pair<ir::node_id, std::string>, std::string> weights_;
};

}  // namespace kiln::onnx
