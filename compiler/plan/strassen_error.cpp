#include <kiln/compiler/plan/strassen_error.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <kiln/schedules/strassen.hpp>

namespace kiln::plan {
namespace {

constexpr int sampled_pairs = 3, sampled_filters = 8;

}  // namespace

double strassen_error(const tensor& filter, std::int32_t block) {
    const std::int64_t count = filter.shape.back(), channels = filter.shape[filter.shape.size() - 2];
    const std::int64_t half = channels / 2;
    std::mt19937 random(7);
    std::vector<float> inputs[2];  // of two positions
    double worst = 0, largest = 0;
    for (int pair = 0; pair < sampled_pairs; ++pair) {
        for (std::vector<float>& one : inputs) {
            one.resize(static_cast<std::size_t>(channels));
            for (float& v : one) v = static_cast<float>(random() >> 8) * 0x1p-23F - 1;
        }
        for (int sample = 0; sample < sampled_filters; ++sample) {
            const std::int64_t first =
                static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(count)) / (2 * block) * (2 * block) +
                static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(block));
            std::array<float, schedules::strassen_products> m{};
            double exact[2][2] = {};  // position, filter
            for (std::int64_t c = 0; c < half; ++c) {
                float b[2][2], a[2][2];
                for (std::int64_t k = 0; k < 2; ++k)
                    for (std::int64_t i = 0; i < 2; ++i) {
                        b[k][i] = filter.values[static_cast<std::size_t>((k * half + c) * count + first + i * block)];
                        a[i][k] = inputs[i][static_cast<std::size_t>(k * half + c)];
                    }
                for (int i = 0; i < 2; ++i)
                    for (int j = 0; j < 2; ++j)
                        for (int k = 0; k < 2; ++k)
                            exact[i][j] += static_cast<double>(a[i][k]) * static_cast<double>(b[k][j]);
                const auto right = schedules::strassen_weights(b[0][0], b[0][1], b[1][0], b[1][1]);
                const float left[] = {a[0][0] + a[1][1], a[1][0] + a[1][1], a[0][0],          a[1][1],
                                      a[0][0] + a[0][1], a[1][0] - a[0][0], a[0][1] - a[1][1]};
                for (std::size_t p = 0; p < m.size(); ++p) m[p] += left[p] * right[p];
            }
            const float found[2][2] = {{m[0] + m[3] - m[4] + m[6], m[2] + m[4]},
                                       {m[1] + m[3], m[0] - m[1] + m[2] + m[5]}};
            for (int i = 0; i < 2; ++i)
                for (int j = 0; j < 2; ++j) {
                    const double error = std::abs(static_cast<double>(found[i][j]) - exact[i][j]);
                    if (!std::isfinite(error)) return std::numeric_limits<double>::infinity();  // overflowed on the way
                    worst = std::max(worst, error);
                    largest = std::max(largest, std::abs(exact[i][j]));
                }
        }
    }
    return largest > 0 ? worst / largest : worst;
}

}  // namespace kiln::plan
