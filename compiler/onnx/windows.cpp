// Operators that slide a window: convolution and pooling.
#include <fmt/format.h>

#include <algorithm>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/operators.hpp>
#include <kiln/dsl/ops/conv.hpp>
#include <kiln/dsl/ops/pool.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {
namespace {

constexpr std::int64_t largest = 1 << 20;  // of any extent, stride, dilation or padding: sums of them cannot overflow

std::int32_t plausible(std::int64_t number, std::string_view what) {
    if (number < 0 || number > largest) throw refusal{fmt::format("{} {} is not possible", what, number)};
    return static_cast<std::int32_t>(number);
}

triple per_axis(const node_view& n, std::string_view attribute, std::size_t axes) {
    const std::vector<std::int64_t> values = n.integers(attribute, std::vector<std::int64_t>(axes, 1));
    if (values.size() != axes)
        throw refusal{fmt::format("{} has {} values for {} spatial axes", attribute, values.size(), axes)};
    triple t{1, 1, 1};
    for (std::size_t axis = 0; axis < axes; ++axis) t[axis] = plausible(values[axis], attribute);
    return t;
}

void pad_as_given(const node_view& n, ops::window& w, std::size_t axes) {
    const std::vector<std::int64_t> pads = n.integers("pads", std::vector<std::int64_t>(2 * axes, 0));
    if (pads.size() != 2 * axes)
        throw refusal{fmt::format("pads has {} values for {} spatial axes", pads.size(), axes)};
    for (std::size_t axis = 0; axis < axes; ++axis) {
        w.pad_before[axis] = plausible(pads[axis], "padding");
        w.pad_after[axis] = plausible(pads[axes + axis], "padding");
    }
}

/// The window of a node on `x`, whose extents are given by `kernel`.
ops::window window_of(const node_view& n, const dims& x, const std::vector<std::int64_t>& kernel) {
    const auto axes = static_cast<std::size_t>(x.spatial_rank());
    if (axes < 1) throw refusal{"it slides a window over a tensor without spatial axes"};
    if (kernel.size() != axes)
        throw refusal{fmt::format("a window of {} axes slides over {} spatial axes", kernel.size(), axes)};
    ops::window w;
    for (std::size_t axis = 0; axis < axes; ++axis) w.extent[axis] = plausible(kernel[axis], "a window of");
    w.stride = per_axis(n, "strides", axes);
    w.dilation = per_axis(n, "dilations", axes);
    const std::string_view automatic = n.text("auto_pad", "NOTSET");
    if (automatic == "NOTSET") {
        pad_as_given(n, w, axes);
    } else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
        for (std::size_t axis = 0; axis < axes; ++axis) {
            if (w.stride[axis] < 1) throw refusal{"a stride of 0"};
            const std::int32_t total =
                plausible(ops::same_total(x[static_cast<int>(axis)], w.extent[axis], w.stride[axis], w.dilation[axis]),
                          "padding");
            const std::int32_t less = total / 2;
            w.pad_before[axis] = automatic == "SAME_UPPER" ? less : total - less;
            w.pad_after[axis] = total - w.pad_before[axis];
        }
    } else if (automatic != "VALID") {
        throw refusal{fmt::format("auto_pad {} is not known", automatic)};
    }
    return w;
}

/// ceil_mode: a last window that reaches beyond the padding, if it begins before it.
bool round_up(ops::window& w, const dims& x) {
    bool widened = false;
    for (int axis = 0; axis < x.spatial_rank(); ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        if (w.stride[a] < 1) throw refusal{"a stride of 0"};
        const std::int64_t before = std::int64_t{x[axis]} + w.pad_before[a], padded = before + w.pad_after[a];
        const std::int64_t room = padded - (std::int64_t{w.extent[a]} - 1) * w.dilation[a] - 1;
        const std::int64_t rest = room % w.stride[a];
        if (rest <= 0) continue;
        const std::int64_t last_begin = room - rest + w.stride[a];
        if (last_begin >= before) continue;
        w.pad_after[a] += static_cast<std::int32_t>(w.stride[a] - rest);
        widened = true;
    }
    return widened;
}

value pool(importer& to, const node_view& n, op kind) {
    const value x = n.activation(0);
    ops::pool_attributes a{window_of(n, to.sample(x), n.integers("kernel_shape")), 0};
    if (kind == op::average_pool) a.count_padding = n.integer("count_include_pad", 0) != 0 ? 1 : 0;
    if (n.integer("ceil_mode", 0) != 0 && round_up(a.slide, to.sample(x)) && a.count_padding)
        throw refusal{"ceil_mode together with count_include_pad is not supported where the last window is cut"};
    return to.apply(kind, a, {x.node}, n);
}

value global_pool(importer& to, const node_view& n, op kind) {
    const value x = n.activation(0);
    const dims sample = to.sample(x);
    if (sample.spatial_rank() < 1) return x;
    ops::pool_attributes a;
    for (int axis = 0; axis < sample.spatial_rank(); ++axis) {
        const auto i = static_cast<std::size_t>(axis);
        a.slide.extent[i] = a.slide.stride[i] = sample[axis];
    }
    return to.apply(kind, a, {x.node}, n);
}

}  // namespace

results import_conv(importer& to, const node_view& n) {
    const value x = n.activation(0);
    const std::vector<std::int64_t>& shape = n.input(1).shape;  // {filters, channels / groups, window...}
    const std::size_t rank = shape.size();
    if (rank < 3 || rank > 5) throw refusal{fmt::format("its filters have {} axes", rank)};
    const std::vector<std::int64_t> window(shape.begin() + 2, shape.end());
    if (n.has("kernel_shape") && n.integers("kernel_shape") != window)
        throw refusal{fmt::format("kernel_shape differs from its filters, {}", shape_text(shape))};
    ops::conv::attributes a;
    a.filters = plausible(shape[0], "a filter count of");
    a.slide = window_of(n, to.sample(x), window);
    a.groups = plausible(n.integer("group", 1), "a group count of");
    std::vector<std::size_t> order;
    std::int64_t fan_in = shape[1];
    for (std::size_t axis = 2; axis < rank; ++axis) {
        order.push_back(axis);
        fan_in *= shape[axis];
    }
    order.insert(order.end(), {1, 0});
    std::vector<ir::node_id> operands{x.node};
    if (n.input(1).is_known()) {
        operands.push_back(
            to.parameter(n, 1, role::weight, plausible(fan_in, "a fan-in of"), transposed(n.known_floats(1), order)));
    } else {
        expression_builder b(to, n);
        operands.push_back(b.transpose(n.plain(1), order));
    }
    if (n.has_input(2))
        operands.push_back(n.input(2).is_known() ? to.parameter(n, 2, role::bias, 1, n.known_floats(2)) : n.plain(2));
    return to.apply(op::conv, a, std::move(operands), n);
}

namespace {

/// Pixels `stride` apart with zeros between them, by joining zeros behind each and cutting off the last ones.
ir::node_id apart(importer& to, expression_builder& b, ir::node_id x, std::size_t axis, std::int64_t stride) {
    if (stride == 1) return x;
    const std::vector<std::int64_t> shape = b.shape_of(x);
    std::vector<std::int64_t> joined = shape, gap = shape;
    gap.insert(gap.begin() + static_cast<std::ptrdiff_t>(axis) + 1, stride - 1);
    joined[axis] *= stride;
    if (gap.size() > ops::most_axes) throw refusal{"it has too many axes"};
    to.spend(element_count(gap).value_or(-1));
    const ir::node_id spread = b.concat({b.unsqueeze(x, axis + 1), b.constant(zeros(gap))}, axis + 1);
    return b.part(b.reshape(spread, joined), axis, 0, (shape[axis] - 1) * stride + 1);
}

/// {channels, filters / groups, window...} of a transposed convolution as {window..., channels / groups, filters}.
tensor turned_filters(const tensor& w, std::int64_t groups) {
    const std::size_t rank = w.shape.size();
    tensor split = w;
    split.shape.insert(split.shape.begin(), groups);
    split.shape[1] = w.shape[0] / groups;
    std::vector<std::size_t> order;
    for (std::size_t axis = 3; axis <= rank; ++axis) order.push_back(axis);
    order.insert(order.end(), {1, 0, 2});
    tensor turned = transposed(split, order);
    turned.shape.pop_back();
    turned.shape.back() = groups * w.shape[1];
    return turned;
}

}  // namespace

/// A convolution with the turned filter over an input whose pixels lie a stride apart (Dumoulin and Visin 2016,
/// arXiv:1603.07285, section 4).
results import_conv_transpose(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    const tensor& w = n.known_floats(1);
    const std::size_t rank = w.shape.size(), axes = rank - 2;
    if (rank < 3 || rank > 5 || x.shape.size() != rank) throw refusal{"it needs one to three spatial axes"};
    const auto groups = static_cast<std::int64_t>(plausible(n.integer("group", 1), "a group count of"));
    if (groups < 1 || w.shape[0] % groups != 0 || w.shape[0] != x.shape[1])
        throw refusal{fmt::format("filters of {} do not fit an input of {}", shape_text(w.shape), shape_text(x.shape))};
    const triple strides = per_axis(n, "strides", axes), dilations = per_axis(n, "dilations", axes);
    const std::vector<std::int64_t> none(axes, 0), extra = n.integers("output_padding", none),
                                                   wanted = n.integers("output_shape");
    const std::vector<std::int64_t> pads = n.integers("pads", std::vector<std::int64_t>(2 * axes, 0));
    if (extra.size() != axes || pads.size() != 2 * axes || (!wanted.empty() && wanted.size() != axes))
        throw refusal{"its attributes must have a value for each spatial axis"};
    const std::string_view automatic = n.text("auto_pad", "NOTSET");
    ops::conv::attributes a;
    a.filters = plausible(w.shape[1] * groups, "a filter count of");
    a.groups = static_cast<std::int32_t>(groups);
    a.flip = 1;
    ir::node_id spread = n.plain(0);
    for (std::size_t i = 0; i < axes; ++i) {
        if (strides[i] < 1 || dilations[i] < 1) throw refusal{"a stride or dilation of 0"};
        const std::int64_t window = plausible(w.shape[i + 2], "a window of");
        const std::int64_t reach = (window - 1) * dilations[i] + 1;
        const std::int64_t added = plausible(extra[i], "output padding");
        const std::int64_t full = (x.shape[i + 2] - 1) * strides[i] + reach + added;
        std::int64_t before = plausible(pads[i], "padding"), after = plausible(pads[axes + i], "padding");
        const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
        if (!wanted.empty() || same) {
            const std::int64_t size =
                wanted.empty() ? x.shape[i + 2] * strides[i] : plausible(wanted[i], "an output of");
            const std::int64_t total = full - size;
            before = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
            if (total < 0) before = 0;  // what is missing is added at the end
            after = total - before;
        } else if (automatic == "VALID") {
            before = after = 0;
        }
        spread = apart(to, b, spread, i + 2, strides[i]);
        a.slide.extent[i] = static_cast<std::int32_t>(window);
        a.slide.dilation[i] = dilations[i];
        const std::int64_t first = reach - 1 - before, last = reach - 1 - after + added;
        a.slide.pad_before[i] = plausible(std::max<std::int64_t>(first, 0), "padding");
        a.slide.pad_after[i] = plausible(std::max<std::int64_t>(last, 0), "padding");
        // More padding taken away than the window adds: the pixels themselves go.
        const std::int64_t cut_before = std::max<std::int64_t>(-first, 0), cut_after = std::max<std::int64_t>(-last, 0);
        if (cut_before + cut_after > 0)
            spread = b.part(spread, i + 2, cut_before, b.shape_of(spread)[i + 2] - cut_before - cut_after);
    }
    const auto fan_in = static_cast<std::int32_t>(std::min<std::int64_t>(w.shape[0] / groups, largest));
    std::vector<ir::node_id> operands{to.image(b.value_of(spread)),
                                      to.parameter(n, 1, role::weight, fan_in, turned_filters(w, groups))};
    if (n.has_input(2)) operands.push_back(to.parameter(n, 2, role::bias, 1, n.known_floats(2)));
    return to.apply(op::conv, a, std::move(operands), n);
}

namespace {

/// The maxima with their places, tap by tap: in memory order of the whole input, or (storage_order 1) with the first
/// spatial axis as the fastest.
results max_pool_with_places(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    if (x.rank() < 3 || x.rank() > 5) throw refusal{"it needs one to three spatial axes"};
    const dims sample = channels_last(x.shape);
    ops::window w = window_of(n, drop_first(sample), n.integers("kernel_shape"));
    if (n.integer("ceil_mode", 0) != 0) round_up(w, drop_first(sample));
    const auto axes = static_cast<std::size_t>(x.rank()) - 2;
    const inferred out = ops::max_pool::infer({w, 0}, std::array{drop_first(sample)});
    if (!out) throw refusal{std::string(sentence_of(out.why))};
    const std::int64_t taps = ops::window_volume(w, 3);
    if (taps > 1024) throw refusal{fmt::format("places in a window of {} cells are not supported", taps)};
    ir::node_id padded = n.plain(0);
    for (std::size_t i = 0; i < axes; ++i) {
        std::vector<ir::node_id> parts{padded};
        const auto border = [&](std::int32_t cells) {
            std::vector<std::int64_t> shape = b.shape_of(padded);
            shape[i + 2] = cells;
            to.spend(element_count(shape).value_or(-1));
            tensor t = zeros(std::move(shape), element::float32);
            std::ranges::fill(t.values, std::numeric_limits<float>::lowest());
            return b.constant(std::move(t));
        };
        if (w.pad_before[i] > 0) parts.insert(parts.begin(), border(w.pad_before[i]));
        if (w.pad_after[i] > 0) parts.push_back(border(w.pad_after[i]));
        padded = b.concat(std::move(parts), i + 2);
    }
    // How far apart neighbours on an axis are in the numbering.
    std::vector<std::int64_t> pitch(axes, 1);
    const bool first_fastest = n.integer("storage_order", 0) != 0;
    std::int64_t plane = 1;
    for (std::size_t i = 0; i < axes; ++i) {
        const std::size_t axis = first_fastest ? i : axes - 1 - i;
        pitch[axis] = plane;
        plane *= x.shape[axis + 2];
    }
    const auto rank = static_cast<std::size_t>(x.rank());
    const auto counted = [&](std::int64_t count, std::size_t axis, std::int64_t step, std::int64_t begin) {
        return b.add(b.multiply(b.counting(count, axis, rank), b.whole_number(step)), b.whole_number(begin));
    };
    ir::node_id best = -1, place = -1;
    for (std::int64_t tap = 0; tap < taps; ++tap) {
        ir::node_id here = padded, number = -1;
        std::int64_t rest = tap;
        for (std::size_t i = axes; i-- > 0;) {
            const std::int64_t cell = rest % w.extent[i] * w.dilation[i], extent = out.shape[static_cast<int>(i)];
            rest /= w.extent[i];
            here = b.part(here, i + 2, cell, extent, w.stride[i]);
            const ir::node_id along =
                counted(extent, i + 2, w.stride[i] * pitch[i], (cell - w.pad_before[i]) * pitch[i]);
            number = number < 0 ? along : b.add(number, along);
        }
        if (best < 0) {
            best = here;
            place = b.stretch(number, b.shape_of(here));
        } else {
            place = b.select(b.binary(binary_function::greater, here, best), number, place);
            best = b.binary(binary_function::maximum, best, here);
        }
    }
    const ir::node_id planes = b.add(counted(x.shape[0], 0, x.shape[1] * plane, 0), counted(x.shape[1], 1, plane, 0));
    return {b.value_of(best), b.value_of(b.add(place, planes))};
}

}  // namespace

results import_max_pool(importer& to, const node_view& n) {
    const bool places = n.proto().outputs.size() > 1 && !n.proto().outputs[1].empty();
    return places ? max_pool_with_places(to, n) : results(pool(to, n, op::max_pool));
}
results import_average_pool(importer& to, const node_view& n) { return pool(to, n, op::average_pool); }
results import_global_average_pool(importer& to, const node_view& n) { return global_pool(to, n, op::average_pool); }
results import_global_max_pool(importer& to, const node_view& n) { return global_pool(to, n, op::max_pool); }

}  // namespace kiln::onnx
