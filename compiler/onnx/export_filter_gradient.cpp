// A filter's gradient as a convolution: the input's channels become its samples, the samples its channels, and the
// gradient the filter, whose taps lie a stride of the layer apart.
#include <fmt/format.h>

#include <algorithm>

#include <kiln/compiler/onnx/exports.hpp>
#include <kiln/compiler/onnx/importer.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::onnx {
namespace {

using extents = std::vector<std::int64_t>;

/// Behind a front of two axes, the spatial ones.
axis_order behind(std::size_t first, std::size_t second, std::size_t spatial_from, std::size_t count) {
    axis_order order{first, second};
    for (std::size_t axis = 0; axis < count; ++axis) order.push_back(spatial_from + axis);
    return order;
}

/// x as {channels / groups, groups * samples, spatial...}, at least one axis of these.
std::string samples_as_channels(exporter& to, const ir::node& x, ir::node_id id, std::int32_t groups) {
    const auto axes = static_cast<std::size_t>(x.shape.rank) - 2;
    const extents natural = extents_of(x.shape);
    const std::int64_t samples = natural.front(), channels = natural.back();
    std::string turned;
    if (groups == 1) {
        turned = to.in_order(id, behind(axes + 1, 0, 1, axes));
    } else {
        extents split(natural.begin(), natural.end() - 1);
        split.insert(split.end(), {groups, channels / groups});
        const std::string apart = to.emit("Reshape", {to.in_memory_order(id), to.integers("groups", split)});
        extents order{static_cast<std::int64_t>(axes) + 2, static_cast<std::int64_t>(axes) + 1};
        for (std::size_t axis = 0; axis <= axes; ++axis) order.push_back(static_cast<std::int64_t>(axis));
        turned = to.emit("Transpose", {apart}, {{"perm", order}});
    }
    if (groups == 1 && axes > 0) return turned;
    extents shape{channels / groups, groups * samples};
    shape.insert(shape.end(), natural.begin() + 1, natural.end() - 1);
    if (axes == 0) shape.push_back(1);
    return to.emit("Reshape", {turned, to.integers("samples", shape)});
}

}  // namespace

void export_filter_gradient(exporter& to, const ir::node& n) {
    const auto a = ir::attributes_of<ops::filter_gradient::attributes>(n);
    const ir::node &x = to[n.operands[0]], &dy = to[n.operands[1]];
    const dims input = ops::filter_gradient::sample_of(x.shape), output = ops::filter_gradient::sample_of(dy.shape);
    const auto axes = static_cast<std::size_t>(input.spatial_rank());
    const bool flat = x.shape.rank == 2;

    std::string from = samples_as_channels(to, x, n.operands[0], a.groups);
    const std::size_t own_axes = flat ? 0 : axes;
    std::string filter = to.in_order(n.operands[1], behind(own_axes + 1, 0, 1, own_axes));
    if (flat) filter = to.emit("Reshape", {filter, to.integers("outputs", {a.filters, dy.shape[0], 1})});

    // The layer may have left cells at the input's end unread; the convolution must not slide over them.
    extents kernel, strides, dilations, before, after, ends, cut;
    for (std::size_t axis = 0; axis < axes; ++axis) {
        const int i = static_cast<int>(axis);
        const ops::window& w = a.slide;
        const std::int64_t last = std::int64_t{output[i] - 1} * w.stride[axis] +
                                  std::int64_t{w.extent[axis] - 1} * w.dilation[axis] - w.pad_before[axis];
        if (last < 0)
            throw error(
                fmt::format("'{}' is the gradient of a filter that sees nothing but padding, which ONNX's Conv "
                            "cannot express",
                            n.name));
        kernel.push_back(output[i]);
        strides.push_back(w.dilation[axis]);
        dilations.push_back(w.stride[axis]);
        before.push_back(w.pad_before[axis]);
        after.push_back(std::max<std::int64_t>(0, last + 1 - input[i]));
        ends.push_back(std::min<std::int64_t>(input[i], last + 1));
        cut.push_back(static_cast<std::int64_t>(axis) + 2);
    }
    if (!std::ranges::equal(ends, std::span(input.extent).first(axes)))
        from = to.emit("Slice", {from, to.integers("starts", extents(axes, 0)), to.integers("ends", ends),
                                 to.integers("axes", cut)});
    before.insert(before.end(), after.begin(), after.end());
    const std::vector<attribute_record> sliding{{"kernel_shape", kernel},
                                                {"strides", strides},
                                                {"dilations", dilations},
                                                {"pads", before},
                                                {"group", std::int64_t{a.groups}}};
    if (flat) {
        const std::string sums = to.emit("Conv", {from, filter}, sliding);
        return to.define("Reshape", {sums, to.integers("shape", extents_of(n.shape))}, {}, {0, 1});
    }
    const axis_order order = behind(axes, axes + 1, 0, axes);
    if (a.flip == 0) return to.define("Conv", {from, filter}, sliding, order);
    extents backwards(axes, -1), beyond(axes, std::numeric_limits<std::int32_t>::min());
    to.define("Slice",
              {to.emit("Conv", {from, filter}, sliding), to.integers("starts", extents(axes, -1)),
               to.integers("ends", beyond), to.integers("axes", cut), to.integers("steps", backwards)},
              {}, order);
}

}  // namespace kiln::onnx
