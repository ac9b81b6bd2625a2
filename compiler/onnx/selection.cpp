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
    const ir::node_id whole = b.from_begin(b.cast(n.plain(0), element::int64), depth);
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
    const ir::node_id picked = b.gather(n.plain(0), static_cast<std::size_t>(axis), row);
    std::vector<std::int64_t> shape(x.shape.begin(), x.shape.begin() + axis);
    shape.insert(shape.end(), indices.shape.begin(), indices.shape.end());
    shape.insert(shape.end(), x.shape.begin() + axis + 1, x.shape.end());
    return b.value_of(b.reshape(picked, shape));
}

results import_gather_elements(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const auto axis = static_cast<std::size_t>(n.axis_of(n.integer("axis", 0), n.input(0).rank()));
    return b.value_of(b.gather_elements(n.plain(0), axis, n.plain(1)));
}

/// Each row of indices is one number in a tensor whose indexed axes are one; with batches, these are indexed by
/// counting.
results import_gather_nd(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value &x = n.input(0), &indices = n.input(1);
    const std::int64_t batches = n.integer("batch_dims", 0);
    if (batches < 0 || batches >= std::min(x.rank(), indices.rank())) throw refusal{"its batch_dims do not fit"};
    const std::size_t depth = b.depth_of(indices, x, batches);
    const auto joined = [](auto begin, auto end) { return *element_count({begin, end}); };
    const auto first = x.shape.begin() + batches, split = first + static_cast<std::ptrdiff_t>(depth);
    if (!std::equal(x.shape.begin(), first, indices.shape.begin())) throw refusal{"its indices do not fit"};
    const std::int64_t each = joined(first, split), batch = joined(x.shape.begin(), first),
                       rows = joined(indices.shape.begin(), indices.shape.end() - 1);
    ir::node_id row = b.reshape(b.flat_index(n.plain(1), {first, split}), {batch, rows / batch});
    if (batch > 1) {
        const ir::node_id before =
            b.multiply(b.counting(batch, 0, 2, b.type_of(row)), b.whole_number(each, b.type_of(row)));
        row = b.add(row, before);
    }
    std::vector<std::int64_t> flat{batch * each}, shape(indices.shape.begin(), indices.shape.end() - 1);
    flat.insert(flat.end(), split, x.shape.end());
    shape.insert(shape.end(), split, x.shape.end());
    return b.value_of(b.reshape(b.gather(b.reshape(n.plain(0), flat), 0, b.reshape(row, {rows})), shape));
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
