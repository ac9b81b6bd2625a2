// Operators on images: those that slide a window, and those that need the channels where ONNX has them.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include <kiln/compiler/onnx/exports.hpp>
#include <kiln/compiler/onnx/importer.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::onnx {
namespace {

std::vector<std::int64_t> per_axis(const triple& t, int axes) { return {t.begin(), t.begin() + axes}; }

std::vector<std::int64_t> both_sides(const ops::window& w, int axes) {
    std::vector<std::int64_t> pads = per_axis(w.pad_before, axes);
    pads.insert(pads.end(), w.pad_after.begin(), w.pad_after.begin() + axes);
    return pads;
}

bool is_dilated(const ops::window& w) { return w.dilation != triple{1, 1, 1}; }

std::vector<attribute_record> sliding(const ops::window& w, int axes) {
    std::vector<attribute_record> all{{"kernel_shape", per_axis(w.extent, axes)},
                                      {"strides", per_axis(w.stride, axes)},
                                      {"pads", both_sides(w, axes)}};
    if (is_dilated(w)) all.push_back({"dilations", per_axis(w.dilation, axes)});
    return all;
}

int spatial_axes(const exporter& to, const ir::node& n) { return ir::sample_dims(to[n.operands[0]]).spatial_rank(); }

/// {window..., channels / groups, filters} as {filters, channels / groups, window...}, turned by 180 degrees if wanted.
tensor filters_first(const tensor& w, bool turn) {
    const std::size_t axes = w.shape.size() - 2;
    tensor filters = w;
    if (turn) {  // cells in reverse
        const auto all = static_cast<std::ptrdiff_t>(w.size());
        const auto cell = static_cast<std::ptrdiff_t>(w.shape[axes] * w.shape[axes + 1]);
        for (std::ptrdiff_t at = 0; at < all; at += cell)
            std::copy_n(w.values.begin() + (all - cell - at), cell, filters.values.begin() + at);
    }
    axis_order order{axes + 1, axes};
    for (std::size_t axis = 0; axis < axes; ++axis) order.push_back(axis);
    return transposed(filters, order);
}

/// The same of filters that are weights, changed while exporting, or not.
std::string filters_of(exporter& to, ir::node_id id, bool turn) {
    if (ir::is_weight(to[id]))
        return to.weight(id, turn ? "turned filters" : "filters",
                         [&](const tensor& w) { return filters_first(w, turn); });
    const auto axes = static_cast<std::size_t>(to[id].shape.rank) - 2;
    axis_order order{axes + 1, axes};
    std::vector<std::int64_t> turned;
    for (std::size_t axis = 0; axis < axes; ++axis) {
        order.push_back(axis);
        turned.push_back(static_cast<std::int64_t>(axis) + 2);
    }
    const std::string filters = to.in_order(id, order);
    if (!turn) return filters;
    const std::vector<std::int64_t> last(axes, -1), beyond(axes, std::numeric_limits<std::int32_t>::min());
    return to.emit("Slice", {filters, to.integers("starts", last), to.integers("ends", beyond),
                             to.integers("axes", turned), to.integers("steps", last)});
}

/// How many cells inside the input the windows see along one of the axes (1 where none, whose sum is 0): {1, 1, ..}.
tensor cells_seen(const ops::window& w, const dims& in, const dims& out, int axis) {
    const auto a = static_cast<std::size_t>(axis);
    tensor cells{std::vector<std::int64_t>(static_cast<std::size_t>(in.rank) + 1, 1), {}};
    cells.shape[a + 2] = out[axis];
    for (std::int32_t o = 0; o < out[axis]; ++o) {
        const std::int64_t begin = std::int64_t{o} * w.stride[a] - w.pad_before[a], step = w.dilation[a];
        const std::int64_t first = begin < 0 ? (-begin + step - 1) / step : 0;  // of the window's cells
        const std::int64_t end = begin < in[axis] ? (in[axis] - 1 - begin) / step + 1 : 0;
        const std::int64_t seen = std::min<std::int64_t>(end, w.extent[a]) - first;
        cells.values.push_back(static_cast<float>(std::max<std::int64_t>(seen, 1)));
    }
    return cells;
}

/// Before operator set 19 ONNX has no dilated average: sums, by a convolution with ones, over the number of cells.
void export_dilated_average(exporter& to, const ir::node& n, const ops::pool_attributes& a) {
    const dims in = ir::sample_dims(to[n.operands[0]]), out = ir::sample_dims(n);
    const int axes = in.spatial_rank();
    const std::int64_t window = ops::window_volume(a.slide, axes);
    if (window > (1 << 26) / in.channels())
        throw error(fmt::format("'{}' averages over {} cells a step apart, too many to export", n.name, window));
    tensor ones{{in.channels(), 1}, std::vector<float>(static_cast<std::size_t>(in.channels() * window), 1.0F)};
    for (int axis = 0; axis < axes; ++axis) ones.shape.push_back(a.slide.extent[static_cast<std::size_t>(axis)]);
    std::vector<attribute_record> attributes = sliding(a.slide, axes);
    attributes.push_back({"group", std::int64_t{in.channels()}});
    std::string sum = to.emit("Conv", {to.image(n.operands[0]), to.constant("ones", std::move(ones))}, attributes);
    if (a.count_padding != 0) return to.define_image("Div", {sum, to.number(static_cast<double>(window))});
    for (int axis = 0; axis + 1 < axes; ++axis)
        sum = to.emit("Div", {sum, to.constant("cells", cells_seen(a.slide, in, out, axis))});
    to.define_image("Div", {sum, to.constant("cells", cells_seen(a.slide, in, out, axes - 1))});
}

/// The image with the window's padding as cells of the lowest number; the window is left without.
std::string padded_with_lowest(exporter& to, const std::string& image, ops::window& w, int axes) {
    std::vector<std::int64_t> pads;
    for (const triple& side : {w.pad_before, w.pad_after}) {
        for (int i = 0; i < 2; ++i) pads.push_back(0);  // the batch and the channels
        for (int axis = 0; axis < axes; ++axis) pads.push_back(side[static_cast<std::size_t>(axis)]);
    }
    w.pad_before = w.pad_after = {0, 0, 0};
    return to.emit("Pad", {image, to.integers("pads", pads), to.number(std::numeric_limits<float>::lowest())});
}

}  // namespace

void export_conv(exporter& to, const ir::node& n) {
    const auto a = ir::attributes_of<ops::conv::attributes>(n);
    std::vector<std::string> inputs{to.image(n.operands[0]), filters_of(to, n.operands[1], a.flip != 0)};
    if (n.operands.size() > 2) inputs.push_back(to.in_order(n.operands[2], {0}));
    std::vector<attribute_record> attributes = sliding(a.slide, spatial_axes(to, n));
    if (a.groups != 1) attributes.push_back({"group", std::int64_t{a.groups}});
    to.define_image("Conv", inputs, attributes);
}

void export_max_pool(exporter& to, const ir::node& n) {
    ops::window w = ir::attributes_of<ops::pool_attributes>(n).slide;
    const int axes = spatial_axes(to, n);
    std::string x = to.image(n.operands[0]);
    const auto reaches = [&](std::size_t axis) {
        return std::max(w.pad_before[axis], w.pad_after[axis]) >= w.extent[axis];
    };
    // More padding than ONNX Runtime takes: a dilated window's.
    if (reaches(0) || reaches(1) || reaches(2)) x = padded_with_lowest(to, x, w, axes);
    to.define_image("MaxPool", {x}, sliding(w, axes));
}

/// ONNX counts places over the batch and the channels too. Where a window can lie in padding altogether, the padding is
/// made part of the image, so that its places are known.
void export_max_pool_place(exporter& to, const ir::node& n) {
    ops::window w = ir::attributes_of<ops::pool_attributes>(n).slide;
    const int axes = spatial_axes(to, n);
    const dims image = ir::sample_dims(to[n.operands[0]]);
    const triple before = w.pad_before;
    std::string x = to.image(n.operands[0]);
    dims counted = image;  // the image that ONNX counts in
    if (is_dilated(w)) {
        for (int axis = 0; axis < axes; ++axis) {
            const auto i = static_cast<std::size_t>(axis);
            counted[axis] += w.pad_before[i] + w.pad_after[i];
        }
        x = padded_with_lowest(to, x, w, axes);
    }
    const auto whole = [&](std::int64_t value) { return to.number(static_cast<double>(value), element::int64); };
    const std::int64_t plane = counted.volume() / counted.channels();
    std::string place = to.emit("Mod", {to.emit("MaxPool", {x}, sliding(w, axes), true), whole(plane)});
    if (!(counted == image)) {
        std::string number, inside;
        std::int64_t pitch = plane;
        for (int axis = 0; axis < axes; ++axis) {
            pitch /= counted[axis];
            std::string at = to.emit("Mod", {to.emit("Div", {place, whole(pitch)}), whole(counted[axis])});
            at = to.emit("Sub", {at, whole(before[static_cast<std::size_t>(axis)])});
            const std::string here =
                to.emit("And", {to.emit("GreaterOrEqual", {at, whole(0)}), to.emit("Less", {at, whole(image[axis])})});
            inside = axis == 0 ? here : to.emit("And", {inside, here});
            number = axis == 0 ? at : to.emit("Add", {to.emit("Mul", {number, whole(image[axis])}), at});
        }
        place = to.emit("Where", {inside, number, whole(-1)});
    }
    to.define_image("Cast", {place}, {{"to", onnx_type(element::int32)}});
}

/// Values are added to zeros at their places, each image and channel a row.
void export_max_unpool(exporter& to, const ir::node& n) {
    const dims from = ir::sample_dims(to[n.operands[0]]), sample = ir::sample_dims(n);
    const std::int64_t batch = ir::batch_of(n), channels = sample.channels(), plane = sample.volume() / channels;
    const auto rows = [&](std::int64_t each) { return to.integers("rows", {batch, channels, each}); };
    const auto row_of = [&](ir::node_id id) {
        return to.emit("Reshape", {to.image(id), rows(from.volume() / channels)});
    };
    const std::string places = row_of(n.operands[1]), none = to.number(0, element::int32);
    const std::string values = to.emit("Where", {to.emit("Less", {places, none}), to.number(0), row_of(n.operands[0])});
    const std::string indices = to.emit("Cast", {to.emit("Max", {places, none})}, {{"to", onnx_type(element::int64)}});
    const std::string zeros = to.emit("Expand", {to.number(0), rows(plane)});
    const std::string sums = to.emit("ScatterElements", {zeros, indices, values},
                                     {{"axis", std::int64_t{2}}, {"reduction", std::string("add")}});
    std::vector<std::int64_t> shape{batch, channels};
    for (int axis = 0; axis < sample.spatial_rank(); ++axis) shape.push_back(sample[axis]);
    to.define_image("Reshape", {sums, to.integers("shape", std::move(shape))});
}

void export_average_pool(exporter& to, const ir::node& n) {
    const auto a = ir::attributes_of<ops::pool_attributes>(n);
    if (is_dilated(a.slide)) return export_dilated_average(to, n, a);
    std::vector<attribute_record> attributes = sliding(a.slide, spatial_axes(to, n));
    if (a.count_padding != 0) attributes.push_back({"count_include_pad", 1});
    to.define_image("AveragePool", {to.image(n.operands[0])}, attributes);
}

void export_upsample(exporter& to, const ir::node& n) {
    const auto a = ir::attributes_of<ops::upsample::attributes>(n);
    const int axes = spatial_axes(to, n);
    tensor scales{{2 + axes}, {1, 1}};
    for (int axis = 0; axis < axes; ++axis)
        scales.values.push_back(static_cast<float>(a.factor[static_cast<std::size_t>(axis)]));
    to.define_image("Resize", {to.image(n.operands[0]), "", to.constant("scales", std::move(scales))},
                    {{"mode", "nearest"}, {"nearest_mode", "floor"}, {"coordinate_transformation_mode", "asymmetric"}});
}

void export_batch_norm(exporter& to, const ir::node& n) {
    std::vector<std::string> inputs{to.image(n.operands[0])};
    for (std::size_t i = 1; i < n.operands.size(); ++i) inputs.push_back(to.in_order(n.operands[i], {0}));
    to.define_image("BatchNormalization", inputs,
                    {{"epsilon", ir::attributes_of<ops::batch_norm::attributes>(n).epsilon}});
}

/// ONNX Runtime takes four axes and windows of an odd size. Spatial axes may be seen as one; what an even window sums
/// is `size` times an average over the channels, with those that are missing as zeros.
void export_local_response_norm(exporter& to, const ir::node& n) {
    const auto a = ir::attributes_of<ops::local_response_norm::attributes>(n);
    const std::int64_t batch = ir::batch_of(n), channels = n.shape.channels();
    const std::int64_t pixels = n.shape.volume() / (batch * channels), size = a.size;
    const std::vector<attribute_record> attributes{
        {"size", size}, {"alpha", a.alpha}, {"beta", a.beta}, {"bias", a.bias}};
    std::string x = to.image(n.operands[0]);
    std::vector<std::int64_t> shape = arranged(extents_of(n.shape), channels_first_order(n));
    if (!ir::has_batch(n)) shape.insert(shape.begin(), 1);
    if (size % 2 == 1) {
        if (shape.size() == 4) return to.define_image("LRN", {x}, attributes);
        x = to.emit("Reshape", {x, to.integers("shape", {batch, channels, pixels, 1})});
        return to.define_image("Reshape", {to.emit("LRN", {x}, attributes), to.integers("shape", shape)});
    }
    std::string sum = to.emit("Reshape", {to.emit("Mul", {x, x}), to.integers("shape", {batch, 1, channels, pixels})});
    sum = to.emit("AveragePool", {sum},
                  {{"kernel_shape", std::vector<std::int64_t>{size, 1}},
                   {"pads", std::vector<std::int64_t>{a.before(), 0, a.after(), 0}},
                   {"count_include_pad", 1}});
    sum = to.emit("Add", {to.emit("Mul", {sum, to.number(a.alpha)}), to.number(a.bias)});
    sum = to.emit("Reshape", {to.emit("Pow", {sum, to.number(a.beta)}), to.integers("shape", shape)});
    to.define_image("Div", {x, sum});
}

}  // namespace kiln::onnx
