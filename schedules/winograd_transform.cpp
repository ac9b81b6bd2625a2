#include <kiln/schedules/winograd_transform.hpp>

#include <array>
#include <stdexcept>

namespace kiln::schedules {
namespace {

// clang-format off
constexpr double input2[] = {1,  0, -1,  0,
                             0,  1,  1,  0,
                             0, -1,  1,  0,
                             0,  1,  0, -1};
constexpr double filter2[] = {1, 0, 0,
                              1 / 2., 1 / 2., 1 / 2.,
                              1 / 2., -1 / 2., 1 / 2.,
                              0, 0, 1};
constexpr double output2[] = {1, 1,  1,  0,
                              0, 1, -1, -1};

constexpr double input4[] = {4,  0, -5,  0, 1, 0,
                             0, -4, -4,  1, 1, 0,
                             0,  4, -4, -1, 1, 0,
                             0, -2, -1,  2, 1, 0,
                             0,  2, -1, -2, 1, 0,
                             0,  4,  0, -5, 0, 1};
constexpr double filter4[] = {1 / 4., 0, 0,
                              -1 / 6., -1 / 6., -1 / 6.,
                              -1 / 6., 1 / 6., -1 / 6.,
                              1 / 24., 1 / 12., 1 / 6.,
                              1 / 24., -1 / 12., 1 / 6.,
                              0, 0, 1};
constexpr double output4[] = {1, 1,  1, 1,  1, 0,
                              0, 1, -1, 2, -2, 0,
                              0, 1,  1, 4,  4, 0,
                              0, 1, -1, 8, -8, 1};

constexpr double input6[] = {1,    0,   -21/4.,     0,    21/4.,     0,   -1, 0,
                             0,    1,       1, -17/4., -17/4.,      1,    1, 0,
                             0,   -1,       1,  17/4., -17/4.,     -1,    1, 0,
                             0,  1/2.,   1/4.,  -5/2.,  -5/4.,      2,    1, 0,
                             0, -1/2.,   1/4.,   5/2.,  -5/4.,     -2,    1, 0,
                             0,    2,       4,  -5/2.,     -5,   1/2.,    1, 0,
                             0,   -2,       4,   5/2.,     -5,  -1/2.,    1, 0,
                             0,   -1,       0,  21/4.,      0, -21/4.,    0, 1};
constexpr double filter6[] = {1, 0, 0,
                              -2 / 9., -2 / 9., -2 / 9.,
                              -2 / 9., 2 / 9., -2 / 9.,
                              1 / 90., 1 / 45., 2 / 45.,
                              1 / 90., -1 / 45., 2 / 45.,
                              32 / 45., 16 / 45., 8 / 45.,
                              32 / 45., -16 / 45., 8 / 45.,
                              0, 0, 1};
constexpr double output6[] = {1, 1,  1,  1,   1,     1,      1, 0,
                              0, 1, -1,  2,  -2,  1/2.,  -1/2., 0,
                              0, 1,  1,  4,   4,  1/4.,   1/4., 0,
                              0, 1, -1,  8,  -8,  1/8.,  -1/8., 0,
                              0, 1,  1, 16,  16, 1/16.,  1/16., 0,
                              0, 1, -1, 32, -32, 1/32., -1/32., 1};
// clang-format on

constexpr winograd_transform transforms[] = {
    {2, 4, input2, filter2, output2}, {4, 6, input4, filter4, output4}, {6, 8, input6, filter6, output6}};

}  // namespace

const winograd_transform& winograd_for(std::int32_t tile) {
    for (const winograd_transform& t : transforms)
        if (t.tile == tile) return t;
    throw std::logic_error("no Winograd transform for this tile");
}

void transform_filter(const winograd_transform& t, const float* at, float* to) {
    std::array<double, 8 * 3> along_y{};  // G filter
    for (std::int32_t f = 0; f < t.reach; ++f)
        for (std::int32_t x = 0; x < 3; ++x)
            for (std::int32_t y = 0; y < 3; ++y)
                along_y[static_cast<std::size_t>(f * 3 + x)] +=
                    t.filter[f * 3 + y] * static_cast<double>(at[y * 3 + x]);
    for (std::int32_t f = 0; f < t.reach; ++f)
        for (std::int32_t e = 0; e < t.reach; ++e) {
            double sum = 0;
            for (std::int32_t x = 0; x < 3; ++x)
                sum += t.filter[e * 3 + x] * along_y[static_cast<std::size_t>(f * 3 + x)];
            *to++ = static_cast<float>(sum);
        }
}

}  // namespace kiln::schedules
