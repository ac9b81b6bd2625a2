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
    /// `extent` positions of one axis, from `begin` on.
    ir::node_id part(ir::node_id x, std::size_t axis, std::int64_t begin, std::int64_t extent, std::int64_t step = 1);
    ir::node_id gather(ir::node_id x, std::size_t axis, std::vector<std::int64_t> indices);
    /// `row`: indices on one axis.
    ir::node_id gather(ir::node_id x, std::size_t axis, ir::node_id row) {
        return plain(to_.apply(op::gather, ops::gather::attributes{static_cast<std::int32_t>(axis)}, {x, row}, n_));
    }
    ir::node_id gather_elements(ir::node_id x, std::size_t axis, ir::node_id indices) {
        const ops::gather_elements::attributes a{static_cast<std::int32_t>(axis)};
        return plain(to_.apply(op::gather_elements, a, {x, indices}, n_));
    }
    ir::node_id scatter(ir::node_id x, std::size_t axis, scatter_function f, ir::node_id indices, ir::node_id updates) {
        const ops::scatter_elements::attributes a{static_cast<std::int32_t>(axis), f};
        return plain(to_.apply(op::scatter_elements, a, {x, indices, updates}, n_));
    }
    ir::node_id ranking(ir::node_id x, std::size_t axis, bool ascending) {
        const ops::ranking::attributes a{static_cast<std::int32_t>(axis), ascending ? 1 : 0};
        return plain(to_.apply(op::ranking, a, {x}, n_));
    }
    /// Indices with negative ones counted from the end.
    ir::node_id from_begin(ir::node_id indices, std::int64_t extent);
    /// How many axes of `x`, behind the first `skipped`, the rows of `indices` name: their last extent.
    std::size_t depth_of(const value& indices, const value& x, std::int64_t skipped) const;
    /// The last axis of `indices`, one number for each of `extents`, as one number in memory order. The axis stays.
    ir::node_id flat_index(ir::node_id indices, const std::vector<std::int64_t>& extents);
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
