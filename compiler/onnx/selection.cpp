// Operators that find places, or pick by them.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/operators.hpp>

namespace kiln::onnx {
namespace {

/// Where the largest (or smallest) element along an axis is, the axis kept with extent 1. Of equal ones, the first, or
/// the last.
ir::node_id extreme(expression_builder& b, ir::node_id x, std::size_t axis, bool largest, bool last) {
    const std::vector<std::int64_t> shape = b.shape_of(x);
    const std::int32_t bit = 1 << axis;
    const ir::node_id best = b.reduce(largest ? reduce_function::maximum : reduce_function::minimum, x, bit);
    const ir::node_id here = b.binary(binary_function::equal, x, best);
    const ir::node_id place = b.counting(shape[axis], axis, shape.size());
    if (last) return b.reduce(reduce_function::maximum, b.select(here, place, b.whole_number(-1)), bit);
    return b.reduce(reduce_function::minimum, b.select(here, place, b.whole_number(shape[axis] - 1)), bit);
}

value arg(importer& to, const node_view& n, bool largest) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    const auto axis = static_cast<std::size_t>(n.axis_of(n.integer("axis", 0), x.rank()));
    if (x.rank() > ops::most_axes) throw refusal{"it has too many axes"};
    const ir::node_id place = extreme(b, n.plain(0), axis, largest, n.integer("select_last_index", 0) != 0);
    return b.value_of(n.integer("keepdims", 1) != 0 ? place : b.squeeze(place, axis));
}

std::int64_t one_integer(const node_view& n, std::size_t i) {
    const std::vector<std::int64_t> values = n.known_integers(i);
    if (values.size() != 1) throw refusal{fmt::format("input {} must be one number", i)};
    return values[0];
}

/// Indices with negative ones counted from the end.
ir::node_id from_begin(expression_builder& b, ir::node_id indices, std::int64_t extent) {
    const element type = b.type_of(indices);
    if (!is_integer(type)) throw refusal{"its indices are no whole numbers"};
    const ir::node_id negative = b.binary(binary_function::less, indices, b.whole_number(0, type));
    return b.select(negative, b.add(indices, b.whole_number(extent, type)), indices);
}

}  // namespace

results import_arg_max(importer& to, const node_view& n) { return arg(to, n, true); }
results import_arg_min(importer& to, const node_view& n) { return arg(to, n, false); }

results import_hardmax(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    const std::int64_t axis = n.axis_of(n.integer("axis", n.opset() < 13 ? 1 : -1), x.rank());
    if (n.opset() < 13 && axis + 1 != x.rank()) throw refusal{"hardmax over several axes is not supported"};
    const auto at = static_cast<std::size_t>(axis);
    const ir::node_id place = extreme(b, n.plain(0), at, true, false);
    const ir::node_id here = b.binary(binary_function::equal, b.counting(x.extent(axis), at, x.shape.size()), place);
    return b.value_of(b.cast(here, element::float32));
}

results import_one_hot(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& indices = n.input(0);
    const float said = n.known_number(1);
    if (!(said >= 1 && said <= 1 << 24)) throw refusal{fmt::format("a depth of {} is not possible", said)};
    const auto depth = static_cast<std::int64_t>(said);
    const auto axis = static_cast<std::size_t>(n.axis_of(n.integer("axis", -1), indices.rank() + 1));
    const ir::node_id whole = from_begin(b, b.cast(n.plain(0), element::int64), depth);
    const ir::node_id here =
        b.binary(binary_function::equal, b.unsqueeze(whole, axis), b.counting(depth, axis, indices.shape.size() + 1));
    const ir::node_id choices = n.plain(2);
    return b.value_of(b.select(here, b.part(choices, 0, 1, 1), b.part(choices, 0, 0, 1)));
}

results import_trilu(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    if (x.rank() < 2) throw refusal{"it needs two axes"};
    const std::size_t rank = x.shape.size();
    const std::int64_t k = n.has_input(1) ? one_integer(n, 1) : 0;
    // Kept: column - row >= k above the diagonal, <= k below it.
    const ir::node_id offset = b.binary(binary_function::subtract, b.counting(x.shape[rank - 1], rank - 1, rank),
                                        b.counting(x.shape[rank - 2], rank - 2, rank));
    const bool upper = n.integer("upper", 1) != 0;
    const ir::node_id kept =
        b.binary(upper ? binary_function::greater_or_equal : binary_function::less_or_equal, offset, b.whole_number(k));
    const ir::node_id whole = n.plain(0);
    const element type = b.type_of(whole);
    const ir::node_id zero = type == element::float32 ? b.number(0) : b.whole_number(0, type);
    return b.value_of(b.select(kept, whole, zero));
}

results import_gather(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value &x = n.input(0), &indices = n.input(1);
    const std::int64_t axis = n.axis_of(n.integer("axis", 0), x.rank());
    const ir::node_id row = b.reshape(n.plain(1), {*element_count(indices.shape)});
    const value picked =
        to.apply(op::gather, ops::gather::attributes{static_cast<std::int32_t>(axis)}, {n.plain(0), row}, n);
    std::vector<std::int64_t> shape(x.shape.begin(), x.shape.begin() + axis);
    shape.insert(shape.end(), indices.shape.begin(), indices.shape.end());
    shape.insert(shape.end(), x.shape.begin() + axis + 1, x.shape.end());
    return b.value_of(b.reshape(to.plain(picked), shape));
}

results import_gather_elements(importer& to, const node_view& n) {
    const std::int64_t axis = n.axis_of(n.integer("axis", 0), n.input(0).rank());
    return to.apply(op::gather_elements, ops::gather_elements::attributes{static_cast<std::int32_t>(axis)},
                    {n.plain(0), n.plain(1)}, n);
}

results import_gather_nd(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value &x = n.input(0), &indices = n.input(1);
    if (n.integer("batch_dims", 0) != 0) throw refusal{"batch_dims is not supported"};
    if (indices.rank() < 1 || indices.shape.back() < 1 || indices.shape.back() > x.rank())
        throw refusal{"its indices do not fit"};
    const auto depth = static_cast<std::size_t>(indices.shape.back());
    // Each row of indices is one number in a tensor whose indexed axes are one.
    std::int64_t places = 1, rows = 1;
    ir::node_id flat = -1;
    for (std::size_t i = 0; i < depth; ++i) {
        ir::node_id index =
            from_begin(b, b.part(n.plain(1), indices.shape.size() - 1, static_cast<std::int64_t>(i), 1), x.shape[i]);
        if (flat >= 0) index = b.add(b.multiply(flat, b.whole_number(x.shape[i], b.type_of(index))), index);
        flat = index;
        places *= x.shape[i];
    }
    for (std::size_t i = 0; i + 1 < indices.shape.size(); ++i) rows *= indices.shape[i];
    std::vector<std::int64_t> joined{places}, shape(indices.shape.begin(), indices.shape.end() - 1);
    joined.insert(joined.end(), x.shape.begin() + static_cast<std::ptrdiff_t>(depth), x.shape.end());
    shape.insert(shape.end(), x.shape.begin() + static_cast<std::ptrdiff_t>(depth), x.shape.end());
    const value picked =
        to.apply(op::gather, ops::gather::attributes{0}, {b.reshape(n.plain(0), joined), b.reshape(flat, {rows})}, n);
    return b.value_of(b.reshape(to.plain(picked), shape));
}

results import_eye_like(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    if (x.rank() != 2) throw refusal{"it needs two axes"};
    const auto target = static_cast<data_type>(n.integer("dtype", 0));
    const auto type = n.has("dtype") ? element_of(target) : to.type_of(x);
    if (!type || target == data_type::float64) throw refusal{"numbers of that type are not kept"};
    const ir::node_id offset =
        b.binary(binary_function::subtract, b.counting(x.shape[1], 1, 2), b.counting(x.shape[0], 0, 2));
    return b.value_of(b.cast(b.binary(binary_function::equal, offset, b.whole_number(n.integer("k", 0))), *type));
}

}  // namespace kiln::onnx
