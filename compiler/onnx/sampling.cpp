// Operators that read an image between its pixels, at places that are computed: a result is a weighted sum of pixels,
// picked by number from the rows of the image.
#include <fmt/format.h>

#include <cmath>

#include <kiln/compiler/onnx/build.hpp>
#include <kiln/compiler/onnx/operators.hpp>

namespace kiln::onnx {
namespace {

using nodes = std::vector<ir::node_id>;

/// Along one axis, a pixel's number (a float inside the axis) and its weight.
struct tap {
    ir::node_id at, weight;
};

/// What the two operators share: arithmetic on coordinates, and the picking.
class sampler {
public:
    sampler(importer& to, const node_view& n) : b(to, n), x_(n.input(0).shape) {
        // {batch, channels, spatial...} as a row of channels for each pixel.
        std::vector<std::size_t> order{0};
        for (std::size_t axis = 2; axis < x_.size(); ++axis) order.push_back(axis);
        order.push_back(1);
        if (x_.size() > ops::most_axes) throw refusal{"it has too many axes"};
        rows_ = b.reshape(b.transpose(n.plain(0), order), {*element_count(x_) / x_[1], x_[1]});
    }

    std::size_t axes() const { return x_.size() - 2; }
    std::int64_t size(std::size_t axis) const { return x_[axis + 2]; }
    std::int64_t channels() const { return x_[1]; }

    ir::node_id add(ir::node_id a, double v) { return b.add(a, b.number(static_cast<float>(v))); }
    ir::node_id times(ir::node_id a, double v) { return b.multiply(a, b.number(static_cast<float>(v))); }
    ir::node_id minus(ir::node_id a, ir::node_id c) { return b.binary(binary_function::subtract, a, c); }
    ir::node_id held(ir::node_id a, double low, double high) {
        const ir::node_id above = b.binary(binary_function::maximum, a, b.number(static_cast<float>(low)));
        return b.binary(binary_function::minimum, above, b.number(static_cast<float>(high)));
    }
    ir::node_id one_or_zero(ir::node_id condition) { return b.select(condition, b.number(1), b.number(0)); }

    /// The sum over all combinations of one tap on each axis. Taps have, or can be stretched to, the shape `places`;
    /// so has `sample`, the image each place reads from. The result has the channels as one more axis.
    ir::node_id sum(const std::vector<std::vector<tap>>& taps, ir::node_id sample,
                    const std::vector<std::int64_t>& places) {
        ir::node_id total = -1;
        std::vector<std::size_t> choice(taps.size(), 0);
        std::vector<std::int64_t> shape = places;
        shape.push_back(channels());
        if (element_count(shape).value_or(most) >= most) throw refusal{"it has too many places"};
        const std::int64_t count = *element_count(places);
        for (;;) {
            ir::node_id at = sample, weight = -1;
            for (std::size_t axis = 0; axis < taps.size(); ++axis) {
                const tap& t = taps[axis][choice[axis]];
                at = b.add(b.multiply(at, b.whole_number(size(axis))), b.cast(t.at, element::int64));
                if (t.weight >= 0) weight = weight < 0 ? t.weight : b.multiply(weight, t.weight);
            }
            ir::node_id share = b.reshape(b.gather(rows_, 0, b.reshape(b.stretch(at, places), {count})), shape);
            if (weight >= 0) share = b.multiply(share, b.unsqueeze(weight, b.shape_of(weight).size()));
            total = total < 0 ? share : b.add(total, share);
            std::size_t axis = taps.size();
            while (axis > 0 && ++choice[axis - 1] == taps[axis - 1].size()) choice[--axis] = 0;
            if (axis == 0) return total;
        }
    }

    /// {.., channels} as {first, channels, ..}: ONNX's order.
    value channels_second(ir::node_id y) {
        const std::size_t rank = b.shape_of(y).size();
        std::vector<std::size_t> order{0, rank - 1};
        for (std::size_t axis = 1; axis + 1 < rank; ++axis) order.push_back(axis);
        return b.value_of(b.transpose(y, order));
    }

    expression_builder b;

private:
    static constexpr std::int64_t most = 1 << 28;

    std::vector<std::int64_t> x_;
    ir::node_id rows_;
};

enum class beyond { zeros, border, reflection };

/// Coordinates folded back into [low, high] as by mirrors at both ends.
ir::node_id reflected(sampler& s, ir::node_id x, double low, double high) {
    const double range = high - low;
    if (range <= 0) return s.times(x, 0);
    const ir::node_id from = s.add(x, -low);
    const ir::node_id periods = s.b.unary(unary_function::floor, s.times(from, 1 / (2 * range)));
    const ir::node_id within = s.minus(from, s.times(periods, 2 * range));
    return s.add(s.times(s.b.unary(unary_function::absolute, s.add(within, -range)), -1), low + range);
}

/// Keys' cubic convolution with a = -0.75 at the four pixels around, of which the second lies `t` before.
nodes cubic_weights(sampler& s, ir::node_id t) {
    const auto polynomial = [&](ir::node_id d, double c3, double c2, double c1, double c0) {
        ir::node_id sum = s.times(d, c3);
        for (const double c : {c2, c1}) sum = s.b.multiply(s.add(sum, c), d);
        return s.add(sum, c0);
    };
    const double a = -0.75;
    const ir::node_id rest = s.add(s.times(t, -1), 1);
    return {polynomial(s.add(t, 1), a, -5 * a, 8 * a, -4 * a), polynomial(t, a + 2, -(a + 3), 0, 1),
            polynomial(rest, a + 2, -(a + 3), 0, 1), polynomial(s.add(rest, 1), a, -5 * a, 8 * a, -4 * a)};
}

/// The pixels that make up coordinate `x` of an axis.
std::vector<tap> grid_taps(sampler& s, ir::node_id x, std::int64_t size, std::string_view mode, beyond outside,
                           bool corners) {
    const double low = corners ? 0 : -0.5, high = static_cast<double>(size) - (corners ? 1 : 0.5);
    const auto last = static_cast<double>(size - 1);
    if (mode == "nearest") x = s.b.unary(unary_function::round, x);
    if (outside == beyond::border) x = s.held(x, 0, last);
    if (outside == beyond::reflection) x = reflected(s, x, low, high);
    nodes pixels, weights;
    if (mode == "nearest") {
        pixels = {x};
        weights = {-1};
    } else {
        const ir::node_id below = s.b.unary(unary_function::floor, x), t = s.minus(x, below);
        if (mode == "linear") {
            pixels = {below, s.add(below, 1)};
            weights = {s.add(s.times(t, -1), 1), t};
        } else {
            pixels = {s.add(below, -1), below, s.add(below, 1), s.add(below, 2)};
            weights = cubic_weights(s, t);
        }
    }
    std::vector<tap> taps;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        ir::node_id at = pixels[i], weight = weights[i];
        if (outside == beyond::reflection) at = reflected(s, at, low, high);
        if (outside == beyond::zeros) {
            const ir::node_id inside = s.b.binary(binary_function::equal, at, s.held(at, 0, last));
            const ir::node_id kept = s.one_or_zero(inside);
            weight = weight < 0 ? kept : s.b.multiply(weight, kept);
        }
        taps.push_back({s.held(at, 0, last), weight});
    }
    return taps;
}

}  // namespace

results import_grid_sample(importer& to, const node_view& n) {
    const value &x = n.input(0), &grid = n.input(1);
    if (x.rank() < 4 || x.rank() > 5 || grid.rank() != x.rank() || grid.shape[0] != x.shape[0] ||
        grid.shape.back() != x.rank() - 2)
        throw refusal{
            fmt::format("a grid of {} does not fit an image of {}", shape_text(grid.shape), shape_text(x.shape))};
    std::string_view mode = n.text("mode", "linear");
    if (mode == "bilinear") mode = "linear";
    if (mode == "bicubic") mode = "cubic";
    if (mode != "linear" && mode != "cubic" && mode != "nearest")
        throw refusal{fmt::format("mode {} is not known", mode)};
    const std::string_view padding = n.text("padding_mode", "zeros");
    if (padding != "zeros" && padding != "border" && padding != "reflection")
        throw refusal{fmt::format("padding_mode {} is not known", padding)};
    const beyond outside = padding == "zeros"    ? beyond::zeros
                           : padding == "border" ? beyond::border
                                                 : beyond::reflection;
    const bool corners = n.integer("align_corners", 0) != 0;
    sampler s(to, n);
    const std::vector<std::int64_t> places(grid.shape.begin(), grid.shape.end() - 1);
    std::vector<std::vector<tap>> taps;
    for (std::size_t axis = 0; axis < s.axes(); ++axis) {
        // The grid names x first, the last axis. From -1 to 1: between the corners' centres, or between the edges.
        const auto component = static_cast<std::int64_t>(s.axes() - 1 - axis);
        const ir::node_id along = s.b.squeeze(s.b.part(n.plain(1), places.size(), component, 1), places.size());
        const auto size = static_cast<double>(s.size(axis));
        const ir::node_id at = s.add(s.times(s.add(along, 1), (corners ? size - 1 : size) / 2), corners ? 0 : -0.5);
        taps.push_back(grid_taps(s, at, s.size(axis), mode, outside, corners));
    }
    const ir::node_id sample = s.b.counting(x.shape[0], 0, places.size());
    return s.channels_second(s.sum(taps, sample, places));
}

namespace {

/// The two pixels around a coordinate of RoiAlign. Up to one pixel outside counts as the border, beyond it as zero.
std::vector<tap> region_taps(sampler& s, ir::node_id at, std::int64_t size) {
    const auto last = static_cast<double>(size - 1);
    const ir::node_id near = s.b.binary(binary_function::equal, at, s.held(at, -1, static_cast<double>(size)));
    const ir::node_id kept = s.one_or_zero(near);
    const ir::node_id x = s.held(at, 0, last), below = s.b.unary(unary_function::floor, x), t = s.minus(x, below);
    return {{below, s.b.multiply(kept, s.add(s.times(t, -1), 1))},
            {s.held(s.add(below, 1), 0, last), s.b.multiply(kept, t)}};
}

}  // namespace

results import_roi_align(importer& to, const node_view& n) {
    const value &x = n.input(0), &regions = n.input(1), &owners = n.input(2);
    if (x.rank() != 4 || regions.rank() != 2 || regions.shape[1] != 4 || owners.rank() != 1 ||
        owners.shape[0] != regions.shape[0])
        throw refusal{"it needs an image, regions of four numbers, and a number of the image for each"};
    if (n.text("mode", "avg") != "avg") throw refusal{"only the mean of a cell's samples is supported, mode avg"};
    const std::string_view where =
        n.text("coordinate_transformation_mode", n.opset() < 16 ? "output_half_pixel" : "half_pixel");
    if (where != "half_pixel" && where != "output_half_pixel")
        throw refusal{fmt::format("coordinate_transformation_mode {} is not known", where)};
    const std::int64_t samples = n.integer("sampling_ratio", 0);
    const std::int64_t cells[] = {n.integer("output_height", 1), n.integer("output_width", 1)};
    if (samples == 0)
        throw refusal{"sampling_ratio 0 is not supported: how much is computed would depend on the regions"};
    for (const std::int64_t size : {samples, cells[0], cells[1]})
        if (size < 1 || size > 256) throw refusal{fmt::format("{} cells or samples are not possible", size)};
    const double scale = static_cast<double>(n.number("spatial_scale", 1));
    sampler s(to, n);
    const std::int64_t count = regions.shape[0];
    std::vector<std::int64_t> places{count, cells[0] * samples, cells[1] * samples};
    std::vector<std::vector<tap>> taps;
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const auto edge = [&](std::size_t i) {
            const ir::node_id e = s.b.part(n.plain(1), 1, static_cast<std::int64_t>(i), 1);
            return s.add(s.times(e, scale), where == "half_pixel" ? -0.5 : 0);
        };
        const ir::node_id begin = edge(1 - axis);  // x comes first
        ir::node_id length = s.minus(edge(3 - axis), begin);
        if (where != "half_pixel") length = s.b.binary(binary_function::maximum, length, s.b.number(1));
        // Sample i of a side of so many lies at (i + 0.5) / many.
        const std::int64_t many = places[axis + 1];
        std::vector<std::int64_t> shape{count, 1, 1}, along{1, 1, 1};
        along[axis + 1] = many;
        tensor share{along, {}};
        for (std::int64_t i = 0; i < many; ++i)
            share.values.push_back(static_cast<float>((static_cast<double>(i) + 0.5) / static_cast<double>(many)));
        const ir::node_id at = s.b.add(s.b.reshape(begin, shape),
                                       s.b.multiply(s.b.reshape(length, shape), s.b.constant(std::move(share))));
        taps.push_back(region_taps(s, at, s.size(axis)));
    }
    const ir::node_id owner = s.b.reshape(s.b.cast(n.plain(2), element::int64), {count, 1, 1});
    const ir::node_id sums = s.sum(taps, owner, places);
    const ir::node_id cell = s.b.reshape(sums, {count, cells[0], samples, cells[1], samples, s.channels()});
    const ir::node_id mean = s.b.reduce(reduce_function::mean, cell, 1 << 2 | 1 << 4);
    return s.channels_second(s.b.reshape(mean, {count, cells[0], cells[1], s.channels()}));
}

}  // namespace kiln::onnx
