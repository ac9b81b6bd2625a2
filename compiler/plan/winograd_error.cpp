#include <kiln/compiler/plan/winograd_error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <kiln/schedules/winograd_transform.hpp>

namespace kiln::plan {
namespace {

constexpr std::size_t sampled_tiles = 3, sampled_filters = 8;

constexpr std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

/// {depth, taps, taps, channels, filters}, and one filter of it as a window's values for each plane and channel.
struct filters {
    const tensor& all;
    bool flip;
    std::int64_t window;
    std::int64_t count = all.shape.back(), channels = all.shape[all.shape.size() - 2];
    std::int64_t depth = all.shape.size() == 5 ? all.shape[0] : 1;

    float operator()(std::int64_t filter, std::int64_t z, std::int64_t p, std::int64_t c) const {
        const std::int64_t position = z * window + p, source = flip ? depth * window - 1 - position : position;
        return all.values[at((source * channels + c) * count + filter)];
    }
};

/// matrix (rows x n) times each of the columns of `values` (n x n), then times the rows: matrix values matrix^T.
std::vector<float> on_both_axes(const std::vector<double>& matrix, const std::vector<float>& values) {
    const auto n = static_cast<std::int32_t>(std::lround(std::sqrt(static_cast<double>(values.size()))));
    const auto rows = static_cast<std::int32_t>(matrix.size()) / n;
    std::vector<std::vector<float>> half;  // along x, for each row
    for (std::int32_t y = 0; y < n; ++y)
        half.push_back(
            schedules::combine(matrix, std::vector<float>(values.begin() + y * n, values.begin() + (y + 1) * n)));
    std::vector<float> result(at(std::int64_t{rows} * rows));
    for (std::int32_t x = 0; x < rows; ++x) {
        std::vector<float> column;
        for (std::int32_t y = 0; y < n; ++y) column.push_back(half[at(y)][at(x)]);
        const std::vector<float> done = schedules::combine(matrix, column);
        for (std::int32_t y = 0; y < rows; ++y) result[at(y * rows + x)] = done[at(y)];
    }
    return result;
}

}  // namespace

double winograd_error(const tensor& filter, bool flip, const schedules::winograd_tile& tile, bool in_chunks) {
    const schedules::winograd_transform t =
        in_chunks ? schedules::with_simple_filters(tile) : schedules::winograd_for(tile);
    const std::int32_t taps = tile.taps, m = tile.outputs, window = taps * taps;
    const filters w{filter, flip, window};
    const std::int64_t planes = w.depth * w.channels, cells = tile.frequencies();
    std::mt19937 random(7);
    std::vector<std::vector<float>> inputs, transformed;  // of each tile, plane by plane
    for (std::size_t i = 0; i < sampled_tiles * at(planes); ++i) {
        std::vector<float> input(at(cells));
        for (float& v : input) v = static_cast<float>(random() >> 8) * 0x1p-23F - 1;
        transformed.push_back(on_both_axes(t.input, input));
        inputs.push_back(std::move(input));
    }
    double worst = 0, largest = 0;
    for (std::size_t sample = 0; sample < std::min(sampled_filters, at(w.count)); ++sample) {
        const std::int64_t f = static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(w.count));
        std::vector<std::vector<float>> products(sampled_tiles, std::vector<float>(at(cells)));
        std::vector<std::vector<double>> exact(sampled_tiles, std::vector<double>(at(std::int64_t{m} * m)));
        for (std::int64_t plane = 0; plane < planes; ++plane) {
            std::vector<float> one(at(window)), frequencies(at(cells));
            for (std::int64_t p = 0; p < window; ++p) one[at(p)] = w(f, plane / w.channels, p, plane % w.channels);
            if (in_chunks)
                frequencies = on_both_axes(t.filter, one);
            else
                schedules::transform_filter(t, one.data(), frequencies.data());
            for (std::size_t i = 0; i < sampled_tiles; ++i) {
                const std::size_t source = i * at(planes) + at(plane);
                for (std::size_t c = 0; c < at(cells); ++c) products[i][c] += frequencies[c] * transformed[source][c];
                for (std::int32_t y = 0; y < m; ++y)
                    for (std::int32_t x = 0; x < m; ++x)
                        for (std::int32_t p = 0; p < window; ++p) {
                            const std::int32_t row = y * tile.stride + p / taps, column = x * tile.stride + p % taps;
                            exact[i][at(y * m + x)] +=
                                static_cast<double>(one[at(p)]) * inputs[source][at(row * tile.reach() + column)];
                        }
            }
        }
        for (std::size_t i = 0; i < sampled_tiles; ++i) {
            const std::vector<float> found = on_both_axes(t.output, products[i]);
            for (std::size_t c = 0; c < found.size(); ++c) {
                const double error = std::abs(static_cast<double>(found[c]) - exact[i][c]);
                if (!std::isfinite(error)) return std::numeric_limits<double>::infinity();  // overflowed on the way
                worst = std::max(worst, error);
                largest = std::max(largest, std::abs(exact[i][c]));
            }
        }
    }
    return largest > 0 ? worst / largest : worst;
}

}  // namespace kiln::plan
