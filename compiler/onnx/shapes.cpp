// Operators that say how values are arranged. On shapes and weights they are evaluated while importing.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <kiln/compiler/onnx/operators.hpp>
#include <kiln/dsl/ops/upsample.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {
namespace {

constexpr std::int64_t most_folded = 1 << 16;  // elements of a shape computed while importing

value of(constant c) { return {c.value->shape, std::move(c), -1, {}}; }

value with_shape(const constant& c, std::vector<std::int64_t> shape) {
    constant changed = c;
    changed.value = std::make_shared<const tensor>(tensor{std::move(shape), c.value->values});
    return of(std::move(changed));
}

std::int64_t product(std::vector<std::int64_t>::const_iterator begin, std::vector<std::int64_t>::const_iterator end) {
    return std::accumulate(begin, end, std::int64_t{1}, std::multiplies<>());  // of a verified activation's extents
}

/// {batch, channels, spatial...} -> {batch, everything}.
value flatten(importer& to, const node_view& n, const value& x) {
    if (x.rank() <= 2) return x;
    value row = to.apply(op::flatten, {x.node}, n);
    const bool same_order = x.shape[1] == 1 || product(x.shape.begin() + 2, x.shape.end()) == 1;
    if (!same_order) row.flattened.assign(x.shape.begin() + 1, x.shape.end());
    return row;
}

/// A reshaping to `shape`, where it does nothing or flattens each sample.
value reshape(importer& to, const node_view& n, const std::vector<std::int64_t>& shape) {
    const value& x = n.input(0);
    if (x.shape == shape) return x;
    if (!x.flattened.empty()) throw refusal{"it reshapes a tensor that was flattened channels first"};
    const bool row = shape.size() == 2 && shape[0] == x.shape[0];
    if (row && x.rank() > 2) return flatten(to, n, x);
    throw refusal{fmt::format("reshaping {} to {} is not supported", shape_text(x.shape), shape_text(shape))};
}

/// Fills in ONNX's 0 (as before) and -1 (what is left).
std::vector<std::int64_t> completed(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& from) {
    const auto total = element_count(from);
    std::int64_t known = 1;
    auto open = shape.end();
    for (auto at = shape.begin(); at != shape.end(); ++at) {
        const auto axis = static_cast<std::size_t>(at - shape.begin());
        if (*at == 0) {
            if (axis >= from.size()) throw refusal{"its shape copies an axis that is not there"};
            *at = from[axis];
        }
        if (*at == -1) {
            if (open != shape.end()) throw refusal{"its shape leaves two extents open"};
            open = at;
        } else if (*at < 0 || (*at > 0 && known > (std::int64_t{1} << 53) / *at)) {
            throw refusal{fmt::format("its shape has an impossible extent of {}", *at)};
        } else {
            known *= *at;
        }
    }
    if (open != shape.end() && known > 0) *open = *total / known;
    if (element_count(shape) != total)
        throw refusal{fmt::format("{} cannot be reshaped to {}", shape_text(from), shape_text(shape))};
    return shape;
}

std::vector<std::int64_t> axes_of(const node_view& n, std::int64_t rank) {
    std::vector<std::int64_t> axes = n.has_input(1) ? n.known_integers(1) : n.integers("axes");
    for (std::int64_t& axis : axes) axis = n.axis_of(axis, rank);
    std::ranges::sort(axes);
    if (std::ranges::adjacent_find(axes) != axes.end()) throw refusal{"an axis is named twice"};
    return axes;
}

value enlarge(importer& to, const node_view& n, const std::vector<float>& scales) {
    const value& x = n.activation(0);
    if (scales.size() != x.shape.size() || x.rank() < 3) throw refusal{"scales must have one value for each axis"};
    ops::upsample::attributes a;
    for (std::size_t axis = 0; axis < scales.size(); ++axis) {
        const float s = scales[axis];
        const bool whole = s >= 1 && s <= 1024 && s == std::floor(s);
        if (!whole || (axis < 2 && s != 1)) throw refusal{"only enlarging spatial axes by whole factors is supported"};
        if (axis >= 2) a.factor[axis - 2] = static_cast<std::int32_t>(s);
    }
    return to.apply(op::upsample, a, {x.node}, n);
}

}  // namespace

value import_identity(importer&, const node_view& n) {
    if (n.has_input(2) && n.known(2).value->values.at(0) != 0) throw refusal{"training mode is not supported"};
    return n.input(0);
}

value import_cast(importer&, const node_view& n) {
    const value& x = n.input(0);
    const auto target = static_cast<data_type>(n.integer("to", 0));
    if (!x.is_known()) {
        if (target != data_type::float32) throw refusal{"only float32 is computed"};
        return x;
    }
    constant c = *x.known;
    if (target == data_type::int64 && c.integral) return x;
    if (target != data_type::float32) throw refusal{"a constant can be cast to float32 only"};
    c.integral = false;
    c.integers.clear();
    return of(std::move(c));
}

value import_constant(importer&, const node_view& n) {
    // External data is for initializers; a constant's would need the model's folder here.
    if (const attribute_proto* a = n.find("value"); a && a->tensor && !a->tensor->external)
        return of(read_constant(*a->tensor, {}));
    if (n.has("value_int")) return of(whole_numbers({}, {n.integer("value_int", 0)}));
    if (n.has("value_ints")) {
        const auto integers = n.integers("value_ints");
        return of(whole_numbers({static_cast<std::int64_t>(integers.size())}, integers));
    }
    if (n.has("value_float"))
        return of({std::make_shared<const tensor>(tensor{{}, {n.number("value_float", 0)}}), {}, false});
    throw refusal{"its value is of a kind that is not taken"};
}

value import_shape(importer&, const node_view& n) {
    const value& x = n.input(0);
    if (n.has("start") || n.has("end")) throw refusal{"start and end are not supported"};
    return of(whole_numbers({x.rank()}, x.shape));
}

value import_gather(importer&, const node_view& n) {
    const constant& from = n.known(0);
    if (!from.integral || from.shape().size() != 1 || n.integer("axis", 0) != 0)
        throw refusal{"only elements of a shape can be gathered"};
    std::vector<std::int64_t> taken;
    for (const std::int64_t index : n.known_integers(1))
        taken.push_back(from.integers[static_cast<std::size_t>(n.axis_of(index, from.shape()[0]))]);
    return of(whole_numbers(n.known(1).shape(), std::move(taken)));
}

value import_concat(importer& to, const node_view& n) {
    if (n.inputs() == 0) throw refusal{"it has no inputs"};
    const std::int64_t axis = n.axis_of(n.integer("axis", 1), n.input(0).rank());
    if (n.input(0).is_known()) {
        std::vector<std::int64_t> joined;
        for (std::size_t i = 0; i < n.inputs(); ++i) {
            const std::vector<std::int64_t> part = n.known_integers(i);
            if (n.known(i).shape().size() != 1) throw refusal{"only shapes can be joined while importing"};
            joined.insert(joined.end(), part.begin(), part.end());
            if (static_cast<std::int64_t>(joined.size()) > most_folded) throw refusal{"it makes too long a shape"};
        }
        const auto count = static_cast<std::int64_t>(joined.size());
        return of(whole_numbers({count}, std::move(joined)));
    }
    if (axis != 1) throw refusal{"only channels can be joined"};
    std::vector<ir::node_id> parts;
    for (std::size_t i = 0; i < n.inputs(); ++i) parts.push_back(n.activation(i).node);
    return to.apply(op::concat, std::move(parts), n);
}

value import_flatten(importer& to, const node_view& n) {
    const value& x = n.activation(0);
    if (n.integer("axis", 1) != 1) throw refusal{"only axis 1 is supported"};
    return flatten(to, n, x);
}

value import_reshape(importer& to, const node_view& n) {
    const value& x = n.input(0);
    if (n.integer("allowzero", 0) != 0) throw refusal{"allowzero 1 is not supported"};
    const auto shape = completed(n.opset() < 5 ? n.integers("shape") : n.known_integers(1), x.shape);
    return x.is_known() ? with_shape(*x.known, shape) : reshape(to, n, shape);
}

value import_squeeze(importer& to, const node_view& n) {
    const value& x = n.input(0);
    std::vector<std::int64_t> axes = axes_of(n, x.rank());
    if (axes.empty())
        for (std::int64_t axis = 0; axis < x.rank(); ++axis)
            if (x.shape[static_cast<std::size_t>(axis)] == 1) axes.push_back(axis);
    std::vector<std::int64_t> shape;
    for (std::int64_t axis = 0; axis < x.rank(); ++axis) {
        const std::int64_t extent = x.shape[static_cast<std::size_t>(axis)];
        if (!std::ranges::binary_search(axes, axis))
            shape.push_back(extent);
        else if (extent != 1)
            throw refusal{fmt::format("axis {} of {} is not 1", axis, shape_text(x.shape))};
    }
    return x.is_known() ? with_shape(*x.known, std::move(shape)) : reshape(to, n, shape);
}

value import_unsqueeze(importer&, const node_view& n) {
    const constant& c = n.known(0);
    const std::size_t added = n.has_input(1) ? n.known_integers(1).size() : n.integers("axes").size();
    const auto rank = static_cast<std::int64_t>(c.shape().size() + added);
    if (rank > max_rank) throw refusal{"it makes too many axes"};
    const std::vector<std::int64_t> axes = axes_of(n, rank);
    std::vector<std::int64_t> shape;
    auto next = c.shape().begin();
    for (std::int64_t axis = 0; axis < rank; ++axis)
        shape.push_back(std::ranges::binary_search(axes, axis) ? 1 : *next++);
    return with_shape(c, std::move(shape));
}

value import_transpose(importer&, const node_view& n) {
    const constant& c = n.known(0);
    const std::size_t rank = c.shape().size();
    std::vector<std::int64_t> order = n.integers("perm");
    if (!n.has("perm"))
        for (std::size_t axis = rank; axis-- > 0;) order.push_back(static_cast<std::int64_t>(axis));
    std::vector<std::int64_t> sorted = order, all(rank);
    std::iota(all.begin(), all.end(), std::int64_t{0});
    std::ranges::sort(sorted);
    if (sorted != all) throw refusal{"perm is no order of its axes"};
    constant turned{
        std::make_shared<const tensor>(transposed(*c.value, std::vector<std::size_t>(order.begin(), order.end()))),
        {},
        c.integral};
    if (c.integral) throw refusal{"integers cannot be transposed"};
    return of(std::move(turned));
}

value import_resize(importer& to, const node_view& n) {
    if (n.text("mode", "nearest") != "nearest") throw refusal{"only mode nearest is supported"};
    const std::string_view where = n.text("coordinate_transformation_mode", "half_pixel");
    const std::string_view rounding = n.text("nearest_mode", "round_prefer_floor");
    // For whole factors these two name the same pixels.
    const bool known = (where == "asymmetric" && rounding == "floor") ||
                       (where == "half_pixel" && rounding.starts_with("round_prefer"));
    if (n.opset() > 10 && !known)
        throw refusal{
            fmt::format("coordinate_transformation_mode {} with nearest_mode {} is not supported", where, rounding)};
    const std::size_t scales = n.opset() > 10 ? 2 : 1;
    if (n.has_input(scales) && !n.known(scales).value->values.empty())
        return enlarge(to, n, n.known(scales).value->values);
    const value& x = n.activation(0);
    const std::vector<std::int64_t> sizes = n.known_integers(3);
    std::vector<float> factors;
    for (std::size_t axis = 0; axis < sizes.size() && axis < x.shape.size(); ++axis)
        factors.push_back(sizes[axis] % x.shape[axis] == 0 ? static_cast<float>(sizes[axis] / x.shape[axis]) : 0.0F);
    return enlarge(to, n, factors);
}

value import_upsample(importer& to, const node_view& n) {
    if (n.text("mode", "nearest") != "nearest") throw refusal{"only mode nearest is supported"};
    if (n.has_input(1)) return enlarge(to, n, n.known(1).value->values);
    const attribute_proto* scales = n.find("scales");
    if (!scales) throw refusal{"its scales are missing"};
    return enlarge(to, n, scales->numbers);
}

}  // namespace kiln::onnx
