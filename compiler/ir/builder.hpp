// Appends expressions to a graph, one function for each operator that rewrites need.
//
//   builder b(g, "conv1.gradient");
//   const node_id slope = b.multiply(y, b.subtract(b.number(1), y));
//
// Every function returns the new node's id. Shapes come from the operators' rules; what they refuse is thrown as
// kiln::error. Operands may be batched or whole, as operators take them; extents of 1 are stretched.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/dsl/ops/ops.hpp>

namespace kiln::ir {

class builder {
public:
    /// Keeps a reference to `g`. The nodes it appends are called `name`.
    explicit builder(graph& g, std::string name = {}) : g_(g), name_(std::move(name)) {}

    const graph& built() const { return g_; }
    const std::string& name() const { return name_; }
    /// What the nodes appended from now on are called.
    void name_nodes(std::string name) { name_ = std::move(name); }
    /// The dims operators see of `x`.
    dims sample(node_id x) const { return sample_dims(g_[x]); }

    node_id append(node n);
    template <class Attributes>
    node_id apply(op kind, const Attributes& attributes, std::vector<node_id> operands) {
        return append(computed(g_, kind, pack(attributes), std::move(operands)));
    }
    node_id apply(op kind, std::vector<node_id> operands) { return apply(kind, no_attributes{}, std::move(operands)); }

    /// A scalar; one node for each value.
    node_id number(double value);
    node_id constant(tensor value);

    node_id add(node_id a, node_id b) { return apply(op::add, {a, b}); }
    node_id multiply(node_id a, node_id b) { return apply(op::multiply, {a, b}); }
    node_id binary(binary_function f, node_id a, node_id b) {
        return apply(op::binary, ops::binary::attributes{f}, {a, b});
    }
    node_id subtract(node_id a, node_id b) { return binary(binary_function::subtract, a, b); }
    node_id divide(node_id a, node_id b) { return binary(binary_function::divide, a, b); }
    node_id power(node_id a, node_id b) { return binary(binary_function::power, a, b); }
    node_id equal(node_id a, node_id b) { return binary(binary_function::equal, a, b); }
    node_id less(node_id a, node_id b) { return binary(binary_function::less, a, b); }
    node_id greater(node_id a, node_id b) { return binary(binary_function::greater, a, b); }
    node_id unary(unary_function f, node_id x) { return apply(op::unary, ops::unary::attributes{f}, {x}); }
    node_id negate(node_id x) { return unary(unary_function::negate, x); }
    node_id square_root(node_id x) { return unary(unary_function::square_root, x); }
    node_id square(node_id x) { return multiply(x, x); }
    node_id scale(node_id x, double factor) { return factor == 1 ? x : multiply(x, number(factor)); }
    node_id shift(node_id x, double offset) { return add(x, number(offset)); }
    node_id select(node_id condition, node_id a, node_id b) { return apply(op::select, {condition, a, b}); }
    node_id cast(node_id x, element to) { return apply(op::cast, ops::cast::attributes{to}, {x}); }

    /// `axes`: bit i for axis i. They stay, with extent 1.
    node_id reduce(reduce_function f, node_id x, std::int32_t axes) {
        return apply(op::reduce, ops::reduce::attributes{f, axes}, {x});
    }
    node_id sum(node_id x, std::int32_t axes) { return axes == 0 ? x : reduce(reduce_function::sum, x, axes); }

    node_id reshape(node_id x, const dims& shape);
    /// To the common shape of x and `shape`.
    node_id stretch(node_id x, const dims& shape);
    /// Axis i of the result is axis order[i] of x.
    node_id transpose(node_id x, const std::vector<int>& order);
    /// x with its last two axes in the other order.
    node_id transpose_last(node_id x);
    /// Positions begin, begin + step, ... of one axis, `extent` of them; `step` may be negative.
    node_id part(node_id x, int axis, std::int32_t begin, std::int32_t extent, std::int32_t step = 1);
    node_id concat(std::vector<node_id> parts, int axis);
    /// x with so many zeros before and after it along one axis.
    node_id padded(node_id x, int axis, std::int32_t before, std::int32_t after);
    /// x with step - 1 zeros between neighbours of one axis.
    node_id spread(node_id x, int axis, std::int32_t step);
    node_id matmul(node_id x, node_id y) { return apply(op::matmul, {x, y}); }

    /// A batched x as one whole tensor, the batch its first axis. A whole x becomes a batch of one.
    node_id merged(node_id x);
    /// The way back: as batched or whole as `like`.
    node_id split_as(node_id x, node_id like);

    /// `value` at every element of a tensor of x's shape and batch.
    node_id filled(double value, node_id like);
    /// What an operand gets of a gradient that is larger or smaller than it: x summed over the axes, and over the
    /// batch, that `like` lacks or has with extent 1, and stretched where x has extent 1.
    node_id fitted(node_id x, node_id like);

private:
    graph& g_;
    std::string name_;
    std::map<float, node_id> numbers_;
};

}  // namespace kiln::ir
