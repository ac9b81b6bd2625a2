// Operators that put values beyond the border, or between the pixels. Along each axis a result is picked by constant
// indices, or is a weighted sum of such picks.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/operators.hpp>

namespace kiln::onnx {
namespace {

constexpr std::int64_t most_extent = 1 << 24;  // of a result's axis: what is told of each position is spent besides

/// Where position `at` of a padded axis comes from: mirrored at the border cells, or the nearest, or around the other
/// end.
std::int64_t source_of(std::int64_t at, std::int64_t extent, std::string_view mode) {
    if (mode == "edge") return std::clamp<std::int64_t>(at, 0, extent - 1);
    if (mode == "wrap") return (at % extent + extent) % extent;
    if (extent == 1) return 0;
    const std::int64_t period = 2 * (extent - 1), within = (at % period + period) % period;
    return within < extent ? within : period - within;
}

ir::node_id border(importer& to, expression_builder& b, std::vector<std::int64_t> shape, std::size_t axis,
                   std::int64_t extent, element type, float filling) {
    shape[axis] = extent;
    to.spend(element_count(shape).value_or(-1));
    if (type != element::float32 && !(std::abs(filling) < 0x1p53F))
        throw refusal{fmt::format("whole numbers cannot be padded with {}", filling)};
    tensor t = zeros(shape, type);
    std::ranges::fill(t.values, filling);
    if (type != element::float32) std::ranges::fill(t.integers, static_cast<std::int64_t>(filling));
    return b.constant(std::move(t));
}

ir::node_id pad_axis(importer& to, expression_builder& b, ir::node_id x, std::size_t axis, std::int64_t before,
                     std::int64_t after, std::string_view mode, float filling) {
    const std::vector<std::int64_t> shape = b.shape_of(x);
    // Negative padding takes away.
    const std::int64_t cut_before = std::max<std::int64_t>(-before, 0), cut_after = std::max<std::int64_t>(-after, 0);
    if (cut_before > 0 || cut_after > 0) x = b.part(x, axis, cut_before, shape[axis] - cut_before - cut_after);
    before = std::max<std::int64_t>(before, 0), after = std::max<std::int64_t>(after, 0);
    if (before == 0 && after == 0) return x;
    const std::int64_t extent = b.shape_of(x)[axis];
    if (before + after + extent > most_extent) throw refusal{"its padding is too large"};
    if (mode == "constant") {
        std::vector<ir::node_id> parts;
        if (before > 0) parts.push_back(border(to, b, b.shape_of(x), axis, before, b.type_of(x), filling));
        parts.push_back(x);
        if (after > 0) parts.push_back(border(to, b, b.shape_of(x), axis, after, b.type_of(x), filling));
        return b.concat(std::move(parts), axis);
    }
    to.spend(before + extent + after);
    std::vector<std::int64_t> indices;
    for (std::int64_t at = -before; at < extent + after; ++at) indices.push_back(source_of(at, extent, mode));
    return b.gather(x, axis, std::move(indices));
}

/// How one axis is resampled, as ONNX's Resize says.
struct resampling {
    std::string_view mode, where, rounding;
    float cubic = -0.75F;
    bool antialias = false, exclude_outside = false;
};

/// Where output position `i` lies on the input's axis.
double unchecked_coordinate(std::int64_t i, double scale, std::int64_t in, std::int64_t out, std::string_view where) {
    const auto x = static_cast<double>(i);
    if (where == "asymmetric") return x / scale;
    if (where == "align_corners") {  // by the exact size, which the output's is the whole part of
        const double exact = static_cast<double>(in) * scale;
        return out == 1 ? 0 : x * static_cast<double>(in - 1) / (exact - 1);
    }
    if (where == "pytorch_half_pixel") return out == 1 ? 0 : (x + 0.5) / scale - 0.5;
    if (where == "tf_half_pixel_for_nn") return (x + 0.5) / scale;
    if (where == "half_pixel_symmetric") {
        const double exact = static_cast<double>(in) * scale,
                     offset = static_cast<double>(in) / 2 * (1 - static_cast<double>(out) / exact);
        return offset + (x + 0.5) / scale - 0.5;
    }
    if (where == "half_pixel") return (x + 0.5) / scale - 0.5;
    throw refusal{fmt::format("coordinate_transformation_mode {} is not supported", where)};
}

/// The same where it is a place that can be rounded to a whole number.
double coordinate(std::int64_t i, double scale, std::int64_t in, std::int64_t out, std::string_view where) {
    const double x = unchecked_coordinate(i, scale, in, out, where);
    if (!(std::abs(x) < 0x1p53)) throw refusal{fmt::format("a scale of {} is not possible", scale)};
    return x;
}

std::int64_t rounded(double x, std::string_view how) {
    if (how == "floor") return static_cast<std::int64_t>(std::floor(x));
    if (how == "ceil") return static_cast<std::int64_t>(std::ceil(x));
    if (how == "round_prefer_ceil") return static_cast<std::int64_t>(std::floor(x + 0.5));
    if (how == "round_prefer_floor") return static_cast<std::int64_t>(std::ceil(x - 0.5));
    throw refusal{fmt::format("nearest_mode {} is not known", how)};
}

/// The weight of a pixel at distance `d`: linear, or Keys' cubic convolution (1981, equation 4) with its free parameter
/// a.
double kernel_at(double d, const resampling& how) {
    d = std::abs(d);
    if (how.mode == "linear") return std::max(0.0, 1 - d);
    const auto a = static_cast<double>(how.cubic);
    if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    return 0;
}

/// One output position: the pixels it is made of and their weights.
using taps = std::vector<std::pair<std::int64_t, double>>;

/// How much wider shrinking with antialias makes the kernel.
double stretch_of(double scale, const resampling& how) { return how.antialias && scale < 1 ? 1 / scale : 1; }

/// Pixels farther away than this have no weight.
double reach_of(double scale, const resampling& how) { return (how.mode == "linear" ? 1 : 2) * stretch_of(scale, how); }

taps taps_at(double x, double scale, std::int64_t in, const resampling& how) {
    const double stretch = stretch_of(scale, how), reach = reach_of(scale, how);
    std::map<std::int64_t, double> weights;
    double sum = 0;
    for (auto p = static_cast<std::int64_t>(std::floor(x - reach)); static_cast<double>(p) <= x + reach; ++p) {
        const bool outside = p < 0 || p >= in;
        if (outside && how.exclude_outside) continue;
        const double w = kernel_at((static_cast<double>(p) - x) / stretch, how);
        if (w == 0) continue;
        weights[std::clamp<std::int64_t>(p, 0, in - 1)] += w;
        sum += w;
    }
    taps made;
    for (const auto& [p, w] : weights) made.emplace_back(p, w / sum);
    return made;
}

ir::node_id resample_axis(importer& to, expression_builder& b, ir::node_id x, std::size_t axis, std::int64_t out,
                          double scale, const resampling& how) {
    const std::vector<std::int64_t> shape = b.shape_of(x);
    const std::int64_t in = shape[axis];
    if (out < 1 || out > most_extent || !(scale > 0))
        throw refusal{fmt::format("an extent of {} is not possible", out)};
    to.spend(out);
    if (how.mode == "nearest") {
        std::vector<std::int64_t> indices;
        for (std::int64_t i = 0; i < out; ++i)
            indices.push_back(
                std::clamp<std::int64_t>(rounded(coordinate(i, scale, in, out, how.where), how.rounding), 0, in - 1));
        return b.gather(x, axis, std::move(indices));
    }
    const double reach = reach_of(scale, how);
    if (!(reach < 0x1p20)) throw refusal{"it shrinks too much at once"};
    to.spend(out * (2 * static_cast<std::int64_t>(reach) + 2));
    std::vector<taps> all;
    std::size_t most = 0;
    for (std::int64_t i = 0; i < out; ++i) {
        all.push_back(taps_at(coordinate(i, scale, in, out, how.where), scale, in, how));
        most = std::max(most, all.back().size());
    }
    if (most > 64) throw refusal{"it shrinks too much at once"};
    ir::node_id sum = -1;
    for (std::size_t k = 0; k < most; ++k) {
        std::vector<std::int64_t> indices;
        tensor weights{std::vector<std::int64_t>(shape.size(), 1), {}};
        weights.shape[axis] = out;
        for (const taps& t : all) {
            indices.push_back(k < t.size() ? t[k].first : 0);
            weights.values.push_back(k < t.size() ? static_cast<float>(t[k].second) : 0.0F);
        }
        const ir::node_id share = b.multiply(b.gather(x, axis, std::move(indices)), b.constant(std::move(weights)));
        sum = sum < 0 ? share : b.add(sum, share);
    }
    return sum;
}

/// The usual case, whole factors of spatial axes, nearest: an operator of its own that stays channels last.
std::optional<value> enlarge(importer& to, const node_view& n, const std::vector<double>& scales,
                             const resampling& how) {
    const value& x = n.input(0);
    const bool same_pixels = (how.where == "asymmetric" && how.rounding == "floor") ||
                             (how.where == "half_pixel" && how.rounding.starts_with("round_prefer"));
    if (how.mode != "nearest" || !same_pixels || x.is_known() || x.rank() < 3 || x.rank() > 5) return std::nullopt;
    ops::upsample::attributes a;
    for (std::size_t axis = 0; axis < scales.size(); ++axis) {
        const double s = scales[axis];
        if (!(s >= 1 && s <= 1024 && s == std::floor(s)) || (axis < 2 && s != 1)) return std::nullopt;
        if (axis >= 2) a.factor[axis - 2] = static_cast<std::int32_t>(s);
    }
    return to.apply(op::upsample, a, {n.activation(0).node}, n);
}

value resample(importer& to, const node_view& n, const std::vector<double>& scales,
               const std::vector<std::int64_t>& sizes, const resampling& how) {
    if (auto whole = enlarge(to, n, scales, how)) return *whole;
    expression_builder b(to, n);
    ir::node_id x = n.plain(0);
    const std::vector<std::int64_t> shape = b.shape_of(x);
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        if (sizes[axis] != shape[axis] || scales[axis] != 1)
            x = resample_axis(to, b, x, axis, sizes[axis], scales[axis], how);
    return b.value_of(x);
}

std::int64_t scaled(std::int64_t extent, double scale) {
    const double size = std::floor(static_cast<double>(extent) * scale);
    if (!(size >= 1 && size <= most_extent)) throw refusal{fmt::format("a scale of {} is not possible", scale)};
    return static_cast<std::int64_t>(size);
}

}  // namespace

results import_pad(importer& to, const node_view& n) {
    expression_builder b(to, n);
    const value& x = n.input(0);
    const bool inputs = n.opset() >= 11;
    const std::vector<std::int64_t> pads = inputs ? n.known_integers(1) : n.integers("pads");
    float filling = inputs ? 0 : n.number("value", 0);
    if (inputs && n.has_input(2)) filling = n.known_number(2);
    std::vector<std::int64_t> axes;
    if (n.has_input(3)) axes = n.known_integers(3);
    if (axes.empty())
        for (std::int64_t axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
    const std::string_view mode = n.text("mode", "constant");
    if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap")
        throw refusal{fmt::format("mode {} is not known", mode)};
    if (pads.size() != 2 * axes.size()) throw refusal{"pads must have two values for each axis"};
    ir::node_id padded = n.plain(0);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::int64_t before = pads[i], after = pads[axes.size() + i];
        if (std::max(before, after) > most_extent || std::min(before, after) < -most_extent)
            throw refusal{"its padding is too large"};
        padded = pad_axis(to, b, padded, static_cast<std::size_t>(n.axis_of(axes[i], x.rank())), before, after, mode,
                          filling);
    }
    return b.value_of(padded);
}

results import_resize(importer& to, const node_view& n) {
    const value& x = n.input(0);
    const bool old = n.opset() < 11;  // scales second, one coordinate mode
    resampling how{n.text("mode", "nearest"),
                   n.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel"),
                   n.text("nearest_mode", old ? "floor" : "round_prefer_floor"),
                   n.number("cubic_coeff_a", -0.75F),
                   n.integer("antialias", 0) != 0,
                   n.integer("exclude_outside", 0) != 0};
    if (how.mode != "nearest" && how.mode != "linear" && how.mode != "cubic")
        throw refusal{fmt::format("mode {} is not known", how.mode)};
    std::vector<std::int64_t> axes = n.integers("axes");
    if (axes.empty())
        for (std::int64_t axis = 0; axis < x.rank(); ++axis) axes.push_back(axis);
    for (std::int64_t& axis : axes) axis = n.axis_of(axis, x.rank());
    std::vector<double> scales(x.shape.size(), 1);
    std::vector<std::int64_t> sizes = x.shape;
    const std::size_t scale_input = old ? 1 : 2;
    if (n.has_input(scale_input) && n.known(scale_input).value->size() > 0) {
        const tensor& given = n.known_floats(scale_input);
        if (given.size() != axes.size()) throw refusal{"scales must have one value for each axis"};
        for (std::size_t i = 0; i < axes.size(); ++i) {
            const auto axis = static_cast<std::size_t>(axes[i]);
            scales[axis] = static_cast<double>(given.values[i]);
            sizes[axis] = scaled(x.shape[axis], scales[axis]);
        }
    } else {
        const std::vector<std::int64_t> given = n.known_integers(3);
        if (given.size() != axes.size()) throw refusal{"sizes must have one value for each axis"};
        const std::string_view policy = n.text("keep_aspect_ratio_policy", "stretch");
        double common = policy == "not_larger" ? INFINITY : 0;
        for (std::size_t i = 0; i < axes.size(); ++i) {
            const auto axis = static_cast<std::size_t>(axes[i]);
            if (given[i] < 1 || given[i] > most_extent)
                throw refusal{fmt::format("a size of {} is not possible", given[i])};
            sizes[axis] = given[i];
            scales[axis] = static_cast<double>(given[i]) / static_cast<double>(x.shape[axis]);
            common = policy == "not_larger" ? std::min(common, scales[axis]) : std::max(common, scales[axis]);
        }
        if (policy != "stretch")
            for (const std::int64_t a : axes) {
                const auto axis = static_cast<std::size_t>(a);
                scales[axis] = common;
                sizes[axis] = std::llround(static_cast<double>(x.shape[axis]) * common);
            }
    }
    return resample(to, n, scales, sizes, how);
}

results import_upsample(importer& to, const node_view& n) {
    const value& x = n.input(0);
    const attribute_proto* given = n.find("scales");
    if (!n.has_input(1) && !given) throw refusal{"its scales are missing"};
    const std::vector<float> factors = n.has_input(1) ? n.known_floats(1).values : given->numbers;
    if (factors.size() != x.shape.size()) throw refusal{"scales must have one value for each axis"};
    std::vector<double> scales(factors.begin(), factors.end());
    std::vector<std::int64_t> sizes;
    for (std::size_t axis = 0; axis < scales.size(); ++axis) sizes.push_back(scaled(x.shape[axis], scales[axis]));
    const std::string_view mode = n.text("mode", "nearest");
    if (mode != "nearest" && mode != "linear" && mode != "bilinear")
        throw refusal{fmt::format("mode {} is not known", mode)};
    return resample(to, n, scales, sizes, {mode == "nearest" ? mode : "linear", "asymmetric", "floor"});
}

}  // namespace kiln::onnx
