// Operators that slide a window: convolution and pooling.
#include <fmt/format.h>

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
                ops::same_total(x[static_cast<int>(axis)], w.extent[axis], w.stride[axis], w.dilation[axis]);
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
        const std::int32_t reach = ops::dilated(w.extent[a], w.dilation[a]);
        const std::int32_t rest = (x[axis] + w.pad_before[a] + w.pad_after[a] - reach) % w.stride[a];
        if (rest <= 0) continue;
        const std::int32_t last_begin = x[axis] + w.pad_before[a] + w.pad_after[a] - reach - rest + w.stride[a];
        if (last_begin >= x[axis] + w.pad_before[a]) continue;
        w.pad_after[a] += w.stride[a] - rest;
        widened = true;
    }
    return widened;
}

value pool(importer& to, const node_view& n, op kind) {
    const value& x = n.activation(0);
    if (n.integer("storage_order", 0) != 0) throw refusal{"storage_order 1 is not supported"};
    ops::pool_attributes a{window_of(n, to.sample(x), n.integers("kernel_shape")), 0};
    if (kind == op::average_pool) a.count_padding = n.integer("count_include_pad", 0) != 0 ? 1 : 0;
    if (n.integer("ceil_mode", 0) != 0 && round_up(a.slide, to.sample(x)) && a.count_padding)
        throw refusal{"ceil_mode together with count_include_pad is not supported where the last window is cut"};
    return to.apply(kind, a, {x.node}, n);
}

value global_pool(importer& to, const node_view& n, op kind) {
    const value& x = n.activation(0);
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

value import_conv(importer& to, const node_view& n) {
    const value& x = n.activation(0);
    const tensor& w = *n.known(1).value;  // {filters, channels / groups, window...}
    const std::size_t rank = w.shape.size();
    if (rank < 3 || rank > 5) throw refusal{fmt::format("its filters have {} axes", rank)};
    const std::vector<std::int64_t> window(w.shape.begin() + 2, w.shape.end());
    if (n.has("kernel_shape") && n.integers("kernel_shape") != window)
        throw refusal{fmt::format("kernel_shape differs from its filters, {}", shape_text(w.shape))};
    ops::conv::attributes a;
    a.filters = plausible(w.shape[0], "a filter count of");
    a.slide = window_of(n, to.sample(x), window);
    a.groups = plausible(n.integer("group", 1), "a group count of");
    std::vector<std::size_t> order;
    std::int64_t fan_in = w.shape[1];
    for (std::size_t axis = 2; axis < rank; ++axis) {
        order.push_back(axis);
        fan_in *= w.shape[axis];
    }
    order.insert(order.end(), {1, 0});
    std::vector<ir::node_id> operands{
        x.node, to.parameter(n, 1, role::weight, plausible(fan_in, "a fan-in of"), transposed(w, order))};
    if (n.has_input(2)) operands.push_back(to.parameter(n, 2, role::bias, 1, *n.known(2).value));
    return to.apply(op::conv, a, std::move(operands), n);
}

value import_max_pool(importer& to, const node_view& n) { return pool(to, n, op::max_pool); }
value import_average_pool(importer& to, const node_view& n) { return pool(to, n, op::average_pool); }
value import_global_average_pool(importer& to, const node_view& n) { return global_pool(to, n, op::average_pool); }
value import_global_max_pool(importer& to, const node_view& n) { return global_pool(to, n, op::max_pool); }

value import_reduce_mean(importer& to, const node_view& n) {
    const value& x = n.activation(0);
    std::vector<std::int64_t> axes = n.has_input(1) ? n.known_integers(1) : n.integers("axes");
    std::vector<bool> reduced(x.shape.size(), false);
    for (const std::int64_t axis : axes) reduced[static_cast<std::size_t>(n.axis_of(axis, x.rank()))] = true;
    for (std::size_t axis = 0; axis < reduced.size(); ++axis)
        if (reduced[axis] != (axis >= 2)) throw refusal{"only a mean over all spatial axes is supported"};
    value mean = global_pool(to, n, op::average_pool);
    if (n.integer("keepdims", 1) == 0 && mean.rank() > 2) mean = to.apply(op::flatten, {mean.node}, n);
    return mean;
}

}  // namespace kiln::onnx
