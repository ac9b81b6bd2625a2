// Short ways to write what several of Kiln's operators make together, on plain tensors.
#pragma once

#include <kiln/compiler/onnx/importer.hpp>
#include <kiln/dsl/ops/ops.hpp>

namespace kiln::onnx {

/// Builds expressions of node `n`. Every function returns a plain value's node.
class expression_builder {
public:
    expression_builder(importer& to, const node_view& n) : to_(to), n_(n) {}

    ir::node_id number(float value) { return constant({{}, {value}}); }
    ir::node_id whole_number(std::int64_t value, element type = element::int64) {
        return constant({{}, {}, type, {value}});
    }
    ir::node_id constant(tensor value) {
        return to_.plain({value.shape, onnx::constant{std::make_shared<const tensor>(value)}});
    }
    /// 0, 1, ... along `axis` of `rank` axes.
    ir::node_id counting(std::int64_t count, std::size_t axis, std::size_t rank, element type = element::int64);

    ir::node_id add(ir::node_id a, ir::node_id b) { return plain(to_.apply(op::add, {a, b}, n_)); }
    ir::node_id multiply(ir::node_id a, ir::node_id b) { return plain(to_.apply(op::multiply, {a, b}, n_)); }
    ir::node_id binary(binary_function f, ir::node_id a, ir::node_id b) {
        return plain(to_.apply(op::binary, ops::binary::attributes{f}, {a, b}, n_));
    }
    ir::node_id unary(unary_function f, ir::node_id x) {
        return plain(to_.apply(op::unary, ops::unary::attributes{f}, {x}, n_));
    }
    ir::node_id select(ir::node_id condition, ir::node_id a, ir::node_id b) {
        return plain(to_.apply(op::select, {condition, a, b}, n_));
    }
    ir::node_id cast(ir::node_id x, element type) {
        return type_of(x) == type ? x : plain(to_.apply(op::cast, ops::cast::attributes{type}, {x}, n_));
    }
    /// `axes`: bit i for axis i. They stay, with extent 1.
    ir::node_id reduce(reduce_function f, ir::node_id x, std::int32_t axes) {
        return plain(to_.apply(op::reduce, ops::reduce::attributes{f, axes}, {x}, n_));
    }
    ir::node_id reshape(ir::node_id x, const std::vector<std::int64_t>& shape);
    /// To the common shape of x and `shape`.
    ir::node_id stretch(ir::node_id x, const std::vector<std::int64_t>& shape);
    ir::node_id transpose(ir::node_id x, const std::vector<std::size_t>& order);
    /// Positions [begin, begin + extent) of one axis.
    ir::node_id part(ir::node_id x, std::size_t axis, std::int64_t begin, std::int64_t extent);
    ir::node_id gather(ir::node_id x, std::size_t axis, std::vector<std::int64_t> indices);
    ir::node_id concat(std::vector<ir::node_id> parts, std::size_t axis);
    /// x without an axis of extent 1, and with one more.
    ir::node_id squeeze(ir::node_id x, std::size_t axis);
    ir::node_id unsqueeze(ir::node_id x, std::size_t axis);

    std::vector<std::int64_t> shape_of(ir::node_id x) const { return extents_of(to_.graph()[x].shape); }
    element type_of(ir::node_id x) const { return to_.graph()[x].type; }
    /// What node `x` stands for.
    value value_of(ir::node_id x) const;

private:
    ir::node_id plain(const value& v) { return to_.plain(v); }

    importer& to_;
    const node_view& n_;
};

}  // namespace kiln::onnx
