#include <kiln/schedules/winograd_transform.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace kiln::schedules {
namespace {

constexpr double points[] = {0, 1, -1, 2, -2, 1 / 2., -1 / 2.};  // and infinity

/// F(outputs, taps) along one axis, with stride 1.
winograd_transform with_stride_1(std::int32_t outputs, std::int32_t taps) {
    const winograd_tile tile{outputs, taps, 1};
    const auto m = static_cast<std::size_t>(outputs), r = static_cast<std::size_t>(taps), n = m + r - 1;
    winograd_transform t{tile, std::vector<double>(n * n), std::vector<double>(n * r), std::vector<double>(m * n)};
    if (taps == 1) {  // no sum: no points
        for (std::size_t i = 0; i < n; ++i) t.input[i * n + i] = t.filter[i] = t.output[i * n + i] = 1;
        return t;
    }
    const std::size_t infinity = n - 1;
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> product(n, 0);  // of x - p over all other finite points p, lowest power first
        product[0] = 1;
        double at_point = 1;  // its value at this one
        for (std::size_t other = 0; other < infinity; ++other) {
            if (other == i) continue;
            for (std::size_t power = n - 1; power > 0; --power)
                product[power] = product[power - 1] - points[other] * product[power];
            product[0] *= -points[other];
            if (i != infinity) at_point *= points[i] - points[other];
        }
        // A factor may go to G or to B^T: signs to B^T where that is -1, so that G's rows begin alike.
        const double sign = i == 0 && at_point < 0 ? -1 : 1;
        for (std::size_t power = 0; power < n; ++power) t.input[i * n + power] = sign * product[power];
        if (i == infinity) {
            t.filter[i * r + r - 1] = t.output[(m - 1) * n + i] = 1;
            continue;
        }
        for (std::size_t tap = 0; tap < r; ++tap)
            t.filter[i * r + tap] = std::pow(points[i], static_cast<double>(tap)) / (sign * at_point);
        for (std::size_t k = 0; k < m; ++k) t.output[k * n + i] = std::pow(points[i], static_cast<double>(k));
    }
    return t;
}

winograd_transform make(const winograd_tile& tile) {
    const auto m = static_cast<std::size_t>(tile.outputs), r = static_cast<std::size_t>(tile.taps),
               n = static_cast<std::size_t>(tile.reach()), stride = static_cast<std::size_t>(tile.stride);
    winograd_transform t{tile, std::vector<double>(n * n), std::vector<double>(n * r), std::vector<double>(m * n)};
    std::size_t first = 0;  // frequency of a phase
    for (std::size_t phase = 0; phase < stride; ++phase) {
        const std::size_t taps = (r + stride - 1 - phase) / stride, reach = m + taps - 1;
        const winograd_transform of = with_stride_1(tile.outputs, static_cast<std::int32_t>(taps));
        for (std::size_t f = 0; f < reach; ++f) {
            for (std::size_t i = 0; i < reach; ++i)
                t.input[(first + f) * n + i * stride + phase] = of.input[f * reach + i];
            for (std::size_t tap = 0; tap < taps; ++tap)
                t.filter[(first + f) * r + tap * stride + phase] = of.filter[f * taps + tap];
            for (std::size_t k = 0; k < m; ++k) t.output[k * n + first + f] = of.output[k * reach + f];
        }
        first += reach;
    }
    return t;
}

}  // namespace

std::vector<winograd_tile> winograd_tiles(std::int32_t taps, std::int32_t stride) {
    if (taps == 3 && stride == 1) return {{2, 3, 1}, {4, 3, 1}, {6, 3, 1}};
    if (taps == 3 && stride == 2) return {{2, 3, 2}, {3, 3, 2}, {4, 3, 2}};
    if (taps == 5 && stride == 1) return {{2, 5, 1}, {4, 5, 1}};
    return {};
}

const winograd_transform& winograd_for(const winograd_tile& tile) {
    static const std::map<winograd_tile, winograd_transform> all = [] {
        std::map<winograd_tile, winograd_transform> made;
        for (const std::int32_t taps : {3, 5})
            for (const std::int32_t stride : {1, 2})
                for (const winograd_tile& each : winograd_tiles(taps, stride)) made.emplace(each, make(each));
        return made;
    }();
    const auto found = all.find(tile);
    if (found == all.end()) throw std::logic_error("no Winograd transform for this tile");
    return found->second;
}

winograd_transform with_simple_filters(const winograd_tile& tile) {
    winograd_transform t = winograd_for(tile);
    const auto reach = static_cast<std::size_t>(t.tile.reach()), taps = static_cast<std::size_t>(t.tile.taps);
    for (std::size_t f = 0; f < reach; ++f) {
        const auto row = t.filter.begin() + static_cast<std::ptrdiff_t>(f * taps);
        const double factor =
            *std::find_if(row, row + static_cast<std::ptrdiff_t>(taps), [](double g) { return g != 0; });
        for (std::size_t tap = 0; tap < taps; ++tap) t.filter[f * taps + tap] /= factor;
        for (std::size_t i = 0; i < reach; ++i) t.input[f * reach + i] *= factor;
    }
    return t;
}

void transform_filter(const winograd_transform& t, const float* at, float* to) {
    const std::int32_t reach = t.tile.reach(), taps = t.tile.taps;
    const auto g = [&](std::int32_t f, std::int32_t tap) { return t.filter[static_cast<std::size_t>(f * taps + tap)]; };
    for (std::int32_t f = 0; f < reach; ++f) {
        double along_y[5] = {};  // a row of G filter
        for (std::int32_t x = 0; x < taps; ++x)
            for (std::int32_t y = 0; y < taps; ++y) along_y[x] += g(f, y) * static_cast<double>(at[y * taps + x]);
        for (std::int32_t e = 0; e < reach; ++e) {
            double sum = 0;
            for (std::int32_t x = 0; x < taps; ++x) sum += g(e, x) * along_y[x];
            *to++ = static_cast<float>(sum);
        }
    }
}

}  // namespace kiln::schedules
