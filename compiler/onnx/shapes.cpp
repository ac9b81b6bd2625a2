// Operators that say how values are arranged: shapes, axes, parts. None computes anything.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/operators.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {
namespace {

value of(constant c) { return {c.shape(), std::move(c)}; }

value with_shape(importer& to, const constant& c, std::vector<std::int64_t> shape) {
    to.spend(static_cast<std::int64_t>(c.value->size()));
    tensor changed = *c.value;
    changed.shape = std::move(shape);
    return of({std::make_shared<const tensor>(std::move(changed))});
}

std::int64_t product(std::vector<std::int64_t>::const_iterator begin, std::vector<std::int64_t>::const_iterator end) {
    return std::accumulate(begin, end, std::int64_t{1}, std::multiplies<>());  // of a verified activation's extents
}

/// {batch, channels, spatial...} -> {batch, everything}, staying an image.
value flatten(importer& to, const node_view& n, const value& x) {
    if (x.rank() <= 2) return x;
    value row = to.apply(op::flatten, {x.node}, n);
    const bool same_order = x.shape[1] == 1 || product(x.shape.begin() + 2, x.shape.end()) == 1;
    if (!same_order) row.flattened = x.node;
    return row;
}

/// Fills in ONNX's 0 (as before, unless `zero_is_zero`) and -1 (what is left).
std::vector<std::int64_t> completed(std::vector<std::int64_t> shape, const std::vector<std::int64_t>& from,
                                    bool zero_is_zero) {
    const auto total = element_count(from);
    std::int64_t known = 1;
    auto open = shape.end();
    for (auto at = shape.begin(); at != shape.end(); ++at) {
        const auto axis = static_cast<std::size_t>(at - shape.begin());
        if (*at == 0 && !zero_is_zero) {
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

value reshape(importer& to, const node_view& n, const std::vector<std::int64_t>& shape) {
    const value& x = n.input(0);
    if (x.is_known()) return with_shape(to, *x.known, shape);
    if (x.shape == shape) return x;
    const bool row = shape.size() == 2 && shape[0] == x.shape[0];
    if (row && x.rank() > 2 && x.node >= 0 && x.flattened < 0) return flatten(to, n, x);
    expression_builder b(to, n);
    return b.value_of(b.reshape(n.plain(0), shape));
}

std::vector<std::int64_t> axes_of(const node_view& n, std::int64_t rank) {
    std::vector<std::int64_t> axes = n.has_input(1) ? n.known_integers(1) : n.integers("axes");
    for (std::int64_t& axis : axes) axis = n.axis_of(axis, rank);
    std::ranges::sort(axes);
    if (std::ranges::adjacent_find(axes) != axes.end()) throw refusal{"an axis is named twice"};
    return axes;
}

/// Where ONNX's slice along an axis of `extent` begins, how far it steps, and how many it takes.
struct range {
    std::int64_t begin = 0, step = 1, count = 0;
};
range range_of(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t extent) {
    if (step == 0 || step == std::numeric_limits<std::int64_t>::min()) throw refusal{"a step of 0"};
    const std::int64_t low = step > 0 ? 0 : -1;
    const auto bounded = [&](std::int64_t at) {
        if (at < 0) at = at < -extent ? (step > 0 ? -extent : -extent - 1) + extent : at + extent;
        return std::clamp(at, low, step > 0 ? extent : extent - 1);
    };
    const std::int64_t first = bounded(start), last = bounded(end);
    const std::int64_t reach = step > 0 ? last - first : first - last, size = step > 0 ? step : -step;
    return {first, step, reach <= 0 ? 0 : (reach - 1) / size + 1};
}

}  // namespace

results import_identity(importer&, const node_view& n) { return n.input(0); }

results import_dropout(importer& to, const node_view& n) {
    if (n.has_input(2) && n.known_number(2) != 0) throw refusal{"training mode is not supported"};
    const value& x = n.input(0);
    if (n.proto().outputs.size() < 2) return x;
    to.spend(*element_count(x.shape));
    tensor mask = zeros(x.shape, element::boolean);
    std::ranges::fill(mask.integers, 1);
    return {x, of({std::make_shared<const tensor>(std::move(mask))})};
}

results import_cast_like(importer& to, const node_view& n) {
    const element type = to.type_of(n.input(1));
    if (to.type_of(n.input(0)) == type) return n.input(0);
    return to.apply(op::cast, ops::cast::attributes{type}, {n.plain(0)}, n);
}

results import_cast(importer& to, const node_view& n) {
    const auto target = static_cast<data_type>(n.integer("to", 0));
    const auto type = element_of(target);
    const bool kept = target == data_type::float32 || target == data_type::int64 || target == data_type::int32 ||
                      target == data_type::boolean;
    if (!type || !kept) throw refusal{fmt::format("numbers of ONNX type {} are not kept", static_cast<int>(target))};
    const value& x = n.input(0);
    if (to.type_of(x) == *type) return x;
    return to.apply(op::cast, ops::cast::attributes{*type}, {x.node >= 0 && x.flattened < 0 ? x.node : n.plain(0)}, n);
}

results import_constant(importer&, const node_view& n) {
    // External data is for initializers; a constant's would need the model's folder here.
    if (const attribute_proto* a = n.find("value"); a && a->tensor && !a->tensor->external)
        return of(read_constant(*a->tensor, {}));
    if (n.has("value_int")) return of(whole_numbers({}, {n.integer("value_int", 0)}));
    if (n.has("value_ints")) {
        const auto integers = n.integers("value_ints");
        return of(whole_numbers({static_cast<std::int64_t>(integers.size())}, integers));
    }
    if (n.has("value_float")) return of({std::make_shared<const tensor>(tensor{{}, {n.number("value_float", 0)}})});
    if (const attribute_proto* a = n.find("value_floats"))
        return of({std::make_shared<const tensor>(tensor{{static_cast<std::int64_t>(a->numbers.size())}, a->numbers})});
    throw refusal{"its value is of a kind that is not taken"};
}

results import_constant_of_shape(importer& to, const node_view& n) {
    const std::vector<std::int64_t> shape = n.known_integers(0);
    const auto count = element_count(shape);
    if (!count) throw refusal{fmt::format("a shape of {} is not possible", shape_text(shape))};
    to.spend(*count);
    const attribute_proto* a = n.find("value");
    const constant one = a && a->tensor && !a->tensor->external
                             ? read_constant(*a->tensor, {})
                             : constant{std::make_shared<const tensor>(tensor{{1}, {0.0F}})};
    if (one.value->size() != 1) throw refusal{"its value must be one element"};
    tensor filled = zeros(shape, one.value->type);
    std::ranges::fill(filled.values, one.value->values.empty() ? 0.0F : one.value->values[0]);
    std::ranges::fill(filled.integers, one.value->integers.empty() ? 0 : one.value->integers[0]);
    return of({std::make_shared<const tensor>(std::move(filled))});
}

results import_range(importer& to, const node_view& n) {
    const tensor &start = *n.known(0).value, &limit = *n.known(1).value, &step = *n.known(2).value;
    if (start.size() != 1 || limit.size() != 1 || step.size() != 1 || start.type != step.type)
        throw refusal{"it needs three numbers of one type"};
    const double first = number_at(start, 0), each = number_at(step, 0);
    const double count = std::ceil((number_at(limit, 0) - first) / each);
    if (!(count >= 1 && count < 0x1p53)) throw refusal{fmt::format("a range of {} numbers is not possible", count)};
    to.spend(static_cast<std::int64_t>(count));
    tensor made = zeros({static_cast<std::int64_t>(count)}, start.type);
    for (std::size_t i = 0; i < made.size(); ++i) {
        if (made.type == element::float32)
            made.values[i] = static_cast<float>(first + static_cast<double>(i) * each);
        else
            made.integers[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(start.integers[0]) +
                                                         i * static_cast<std::uint64_t>(step.integers[0]));
    }
    return of({std::make_shared<const tensor>(std::move(made))});
}

results import_shape(importer&, const node_view& n) {
    const value& x = n.input(0);
    const auto bound = [&](std::string_view name, std::int64_t otherwise) {
        const std::int64_t at = n.integer(name, otherwise);
        return std::clamp<std::int64_t>(at < 0 ? at + x.rank() : at, 0, x.rank());
    };
    const std::int64_t begin = bound("start", 0), end = std::max(begin, bound("end", x.rank()));
    return of(whole_numbers({end - begin}, {x.shape.begin() + begin, x.shape.begin() + end}));
}

results import_size(importer&, const node_view& n) { return of(whole_numbers({}, {*element_count(n.input(0).shape)})); }

results import_concat(importer& to, const node_view& n) {
    if (n.inputs() == 0) throw refusal{"it has no inputs"};
    const std::int64_t rank = n.input(0).rank(), axis = n.axis_of(n.integer("axis", 1), rank);
    bool images = rank >= 3 && axis >= 1;
    for (std::size_t i = 0; i < n.inputs(); ++i) images = images && n.input(i).node >= 0 && n.input(i).flattened < 0;
    std::vector<ir::node_id> parts;
    for (std::size_t i = 0; i < n.inputs(); ++i) {
        const value& x = n.input(i);
        if (x.is_known() && x.known->value->size() == 0) continue;  // nothing to join
        parts.push_back(images ? x.node : n.plain(i));
    }
    ops::concat::attributes a;
    // Channels are the last axis of an image, the spatial ones come before them.
    a.from_last = static_cast<std::int32_t>(!images ? rank - 1 - axis : axis == 1 ? 0 : rank - axis);
    return to.apply(op::concat, a, std::move(parts), n);
}

results import_flatten(importer& to, const node_view& n) {
    const value& x = n.input(0);
    std::int64_t axis = n.integer("axis", 1);
    if (axis < 0) axis += x.rank();
    if (axis < 0 || axis > x.rank()) throw refusal{fmt::format("axis {} does not exist", axis)};
    return reshape(to, n,
                   {product(x.shape.begin(), x.shape.begin() + axis), product(x.shape.begin() + axis, x.shape.end())});
}

results import_reshape(importer& to, const node_view& n) {
    return reshape(to, n,
                   completed(n.opset() < 5 ? n.integers("shape") : n.known_integers(1), n.input(0).shape,
                             n.integer("allowzero", 0) != 0));
}

results import_squeeze(importer& to, const node_view& n) {
    const value& x = n.input(0);
    std::vector<std::int64_t> axes = axes_of(n, x.rank());
    if (axes.empty())
        for (std::int64_t axis = 0; axis < x.rank(); ++axis)
            if (x.extent(axis) == 1) axes.push_back(axis);
    std::vector<std::int64_t> shape;
    for (std::int64_t axis = 0; axis < x.rank(); ++axis) {
        if (!std::ranges::binary_search(axes, axis))
            shape.push_back(x.extent(axis));
        else if (x.extent(axis) != 1)
            throw refusal{fmt::format("axis {} of {} is not 1", axis, shape_text(x.shape))};
    }
    return reshape(to, n, shape);
}

results import_unsqueeze(importer& to, const node_view& n) {
    const value& x = n.input(0);
    const std::size_t added = n.has_input(1) ? n.known_integers(1).size() : n.integers("axes").size();
    const auto rank = x.rank() + static_cast<std::int64_t>(added);
    if (rank > max_rank) throw refusal{"it makes too many axes"};
    const std::vector<std::int64_t> axes = axes_of(n, rank);
    std::vector<std::int64_t> shape;
    auto next = x.shape.begin();
    for (std::int64_t axis = 0; axis < rank; ++axis)
        shape.push_back(std::ranges::binary_search(axes, axis) ? 1 : *next++);
    return reshape(to, n, shape);
}

results import_transpose(importer& to, const node_view& n) {
    const auto rank = static_cast<std::size_t>(n.input(0).rank());
    std::vector<std::int64_t> order = n.integers("perm");
    if (!n.has("perm"))
        for (std::size_t axis = rank; axis-- > 0;) order.push_back(static_cast<std::int64_t>(axis));
    if (order.size() != rank || rank > ops::most_axes) throw refusal{"perm is no order of its axes"};
    ops::transpose::attributes a;
    for (std::size_t axis = 0; axis < rank; ++axis)
        a.order[axis] = static_cast<std::int32_t>(n.axis_of(order[axis], static_cast<std::int64_t>(rank)));
    return to.apply(op::transpose, a, {n.plain(0)}, n);
}

results import_slice(importer& to, const node_view& n) {
    const value& x = n.input(0);
    const bool inputs = n.opset() >= 10;
    const auto starts = inputs ? n.known_integers(1) : n.integers("starts");
    const auto ends = inputs ? n.known_integers(2) : n.integers("ends");
    std::vector<std::int64_t> axes(starts.size()), steps(starts.size(), 1);
    std::iota(axes.begin(), axes.end(), std::int64_t{0});
    if (inputs && n.has_input(3)) axes = n.known_integers(3);
    if (!inputs && n.has("axes")) axes = n.integers("axes");
    if (inputs && n.has_input(4)) steps = n.known_integers(4);
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        throw refusal{"starts, ends, axes and steps must be as many"};
    if (x.rank() > ops::most_axes) throw refusal{"it has too many axes"};
    ops::slice::attributes a;
    for (std::size_t axis = 0; axis < x.shape.size(); ++axis) {
        a.step[axis] = 1;
        a.extent[axis] = static_cast<std::int32_t>(x.shape[axis]);
    }
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto axis = static_cast<std::size_t>(n.axis_of(axes[i], x.rank()));
        const range r = range_of(starts[i], ends[i], steps[i], x.shape[axis]);
        if (r.count == 0) throw refusal{"it takes nothing: Kiln has no empty tensors"};
        a.begin[axis] = static_cast<std::int32_t>(r.begin);
        a.step[axis] = static_cast<std::int32_t>(std::clamp<std::int64_t>(r.step, -x.shape[axis], x.shape[axis]));
        a.extent[axis] = static_cast<std::int32_t>(r.count);
    }
    return to.apply(op::slice, a, {n.plain(0)}, n);
}

results import_split(importer& to, const node_view& n) {
    const value& x = n.input(0);
    const auto axis = static_cast<std::size_t>(n.axis_of(n.integer("axis", 0), x.rank()));
    const auto outputs = static_cast<std::int64_t>(n.proto().outputs.size());
    std::vector<std::int64_t> sizes = n.has_input(1) ? n.known_integers(1) : n.integers("split");
    if (sizes.empty()) {
        const std::int64_t parts = n.integer("num_outputs", outputs);
        if (parts != outputs) throw refusal{fmt::format("it names {} outputs and has {}", parts, outputs)};
        const std::int64_t each = (x.shape[axis] + parts - 1) / parts;
        for (std::int64_t i = 0; i < parts; ++i) sizes.push_back(std::min(each, x.shape[axis] - i * each));
    }
    // Each is compared before they are summed up, so that the sum is one that fits.
    if (static_cast<std::int64_t>(sizes.size()) != outputs ||
        std::ranges::any_of(sizes, [&](auto s) { return s < 1 || s > x.shape[axis]; }) ||
        std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) != x.shape[axis])
        throw refusal{"its parts do not make up the axis"};
    expression_builder b(to, n);
    const ir::node_id whole = n.plain(0);
    results parts;
    std::int64_t begin = 0;
    for (const std::int64_t size : sizes) {
        parts.push_back(b.value_of(b.part(whole, axis, begin, size)));
        begin += size;
    }
    return parts;
}

results import_expand(importer& to, const node_view& n) {
    expression_builder b(to, n);
    return b.value_of(b.stretch(n.plain(0), n.known_integers(1)));
}

results import_tile(importer& to, const node_view& n) {
    const value& x = n.input(0);
    const std::vector<std::int64_t> repeats = n.known_integers(1);
    if (repeats.size() != x.shape.size()) throw refusal{"repeats must have one value for each axis"};
    for (const std::int64_t r : repeats)
        if (r < 1 || r > ir::most_elements) throw refusal{fmt::format("{} repeats are not possible", r)};
    // {a, b} repeated: {1, a, 1, b} stretched to {p, a, q, b}, seen as {p a, q b}. Axes repeated once stay one axis.
    std::vector<std::int64_t> apart, stretched, joined;
    for (std::size_t axis = 0; axis < repeats.size(); ++axis) {
        if (repeats[axis] != 1) {
            apart.push_back(1);
            stretched.push_back(repeats[axis]);
        }
        apart.push_back(x.shape[axis]);
        stretched.push_back(x.shape[axis]);
        joined.push_back(repeats[axis] * x.shape[axis]);
    }
    expression_builder b(to, n);
    return b.value_of(b.reshape(b.stretch(b.reshape(n.plain(0), apart), stretched), joined));
}

namespace {

/// Blocks of pixels to channels or back: {n, c, h, w} taken apart into six axes, put in another order and joined.
value rearrange(importer& to, const node_view& n, const std::vector<std::int64_t>& apart,
                const std::vector<std::size_t>& order, const std::vector<std::int64_t>& joined) {
    expression_builder b(to, n);
    return b.value_of(b.reshape(b.transpose(b.reshape(n.plain(0), apart), order), joined));
}

std::int64_t block_of(const node_view& n, const value& x) {
    const std::int64_t b = n.integer("blocksize", 0);
    if (x.rank() != 4 || b < 1 || b > 65536) throw refusal{"it needs four axes and a blocksize"};
    return b;
}

}  // namespace

results import_depth_to_space(importer& to, const node_view& n) {
    const value& x = n.input(0);
    const std::int64_t b = block_of(n, x), c = x.shape[1] / (b * b), h = x.shape[2], w = x.shape[3];
    if (c * b * b != x.shape[1]) throw refusal{"its channels do not make up blocks"};
    const std::vector<std::int64_t> joined{x.shape[0], c, h * b, w * b};
    if (n.text("mode", "DCR") == "CRD")
        return rearrange(to, n, {x.shape[0], c, b, b, h, w}, {0, 1, 4, 2, 5, 3}, joined);
    return rearrange(to, n, {x.shape[0], b, b, c, h, w}, {0, 3, 4, 1, 5, 2}, joined);
}

results import_space_to_depth(importer& to, const node_view& n) {
    const value& x = n.input(0);
    const std::int64_t b = block_of(n, x), h = x.shape[2] / b, w = x.shape[3] / b;
    if (h * b != x.shape[2] || w * b != x.shape[3]) throw refusal{"its pixels do not make up blocks"};
    return rearrange(to, n, {x.shape[0], x.shape[1], h, b, w, b}, {0, 3, 5, 1, 2, 4},
                     {x.shape[0], x.shape[1] * b * b, h, w});
}

}  // namespace kiln::onnx
