#include <kiln/compiler/onnx/build.hpp>

#include <fmt/format.h>

#include <limits>
#include <numeric>

namespace kiln::onnx {

ir::node_id expression_builder::counting(std::int64_t count, std::size_t axis, std::size_t rank, element type) {
    to_.spend(count);
    tensor t{std::vector<std::int64_t>(rank, 1), {}, type, std::vector<std::int64_t>(static_cast<std::size_t>(count))};
    t.shape[axis] = count;
    std::iota(t.integers.begin(), t.integers.end(), std::int64_t{0});
    return constant(std::move(t));
}

namespace {

/// `shape` as attributes hold it.
ops::reshape::attributes extents(const std::vector<std::int64_t>& shape) {
    if (shape.size() > ops::most_axes) throw refusal{fmt::format("a shape of {} has too many axes", shape_text(shape))};
    ops::reshape::attributes a{static_cast<std::int32_t>(shape.size()), {}};
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (shape[axis] < 1 || shape[axis] > std::numeric_limits<std::int32_t>::max())
            throw refusal{fmt::format("an extent of {} is not possible", shape[axis])};
        a.extents[axis] = static_cast<std::int32_t>(shape[axis]);
    }
    return a;
}

}  // namespace

ir::node_id expression_builder::reshape(ir::node_id x, const std::vector<std::int64_t>& shape) {
    if (shape == shape_of(x)) return x;
    return plain(to_.apply(op::reshape, extents(shape), {x}, n_));
}

ir::node_id expression_builder::stretch(ir::node_id x, const std::vector<std::int64_t>& shape) {
    const auto [rank, all] = extents(shape);
    return plain(to_.apply(op::broadcast_to, ops::broadcast_to::attributes{rank, all}, {x}, n_));
}

ir::node_id expression_builder::transpose(ir::node_id x, const std::vector<std::size_t>& order) {
    if (order.size() > ops::most_axes) throw refusal{"it has too many axes"};
    ops::transpose::attributes a;
    for (std::size_t axis = 0; axis < order.size(); ++axis) a.order[axis] = static_cast<std::int32_t>(order[axis]);
    return plain(to_.apply(op::transpose, a, {x}, n_));
}

ir::node_id expression_builder::part(ir::node_id x, std::size_t axis, std::int64_t begin, std::int64_t extent,
                                     std::int64_t step) {
    const std::vector<std::int64_t> shape = shape_of(x);
    if (shape.size() > ops::most_axes) throw refusal{"it has too many axes"};
    if (axis >= shape.size() || begin < 0 || extent < 1 || step < 1 || begin + (extent - 1) * step >= shape[axis])
        throw refusal{"it takes nothing, or what is not there"};
    ops::slice::attributes a;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        a.step[i] = static_cast<std::int32_t>(i == axis ? step : 1);
        a.extent[i] = static_cast<std::int32_t>(i == axis ? extent : shape[i]);
    }
    a.begin[axis] = static_cast<std::int32_t>(begin);
    return plain(to_.apply(op::slice, a, {x}, n_));
}

ir::node_id expression_builder::gather(ir::node_id x, std::size_t axis, std::vector<std::int64_t> indices) {
    const auto count = static_cast<std::int64_t>(indices.size());
    return gather(x, axis, constant({{count}, {}, element::int64, std::move(indices)}));
}

ir::node_id expression_builder::from_begin(ir::node_id indices, std::int64_t extent) {
    const element type = type_of(indices);
    if (!is_integer(type)) throw refusal{"its indices are no whole numbers"};
    const ir::node_id negative = binary(binary_function::less, indices, whole_number(0, type));
    return select(negative, add(indices, whole_number(extent, type)), indices);
}

std::size_t expression_builder::depth_of(const value& indices, const value& x, std::int64_t skipped) const {
    if (indices.rank() <= skipped || indices.shape.back() < 1 || indices.shape.back() > x.rank() - skipped)
        throw refusal{"its indices do not fit"};
    return static_cast<std::size_t>(indices.shape.back());
}

ir::node_id expression_builder::flat_index(ir::node_id indices, const std::vector<std::int64_t>& extents) {
    const std::size_t last = shape_of(indices).size() - 1;
    ir::node_id flat = -1;
    for (std::size_t i = 0; i < extents.size(); ++i) {
        const ir::node_id index = from_begin(part(indices, last, static_cast<std::int64_t>(i), 1), extents[i]);
        flat = flat < 0 ? index : add(multiply(flat, whole_number(extents[i], type_of(index))), index);
    }
    return flat;
}

ir::node_id expression_builder::concat(std::vector<ir::node_id> parts, std::size_t axis) {
    if (parts.size() == 1) return parts[0];
    const std::size_t rank = shape_of(parts.at(0)).size();
    const ops::concat::attributes a{static_cast<std::int32_t>(rank - 1 - axis)};
    return plain(to_.apply(op::concat, a, std::move(parts), n_));
}

ir::node_id expression_builder::squeeze(ir::node_id x, std::size_t axis) {
    std::vector<std::int64_t> shape = shape_of(x);
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
    return reshape(x, shape);
}

ir::node_id expression_builder::unsqueeze(ir::node_id x, std::size_t axis) {
    std::vector<std::int64_t> shape = shape_of(x);
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    return reshape(x, shape);
}

value expression_builder::value_of(ir::node_id x) const {
    const ir::node& n = to_.graph()[x];
    if (n.kind == op::constant) return {extents_of(n.shape), onnx::constant{n.value}};
    return {extents_of(n.shape), std::nullopt, -1, x};
}

}  // namespace kiln::onnx
