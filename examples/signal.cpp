// Networks over signals. `electrocardiogram` is the course's: 14 values through 16 filters of 5, then 32. The others
// hear: M3, M5, M11 and M18 over raw audio (Dai, Dai, Qu, Li, Das 2016, arXiv:1610.00087, table 1), four seconds at
// 8 kHz into ten classes of sounds. Their numbers are those of layers with weights; the paper counts 0.2, 0.5, 1.8 and
// 3.7 million parameters.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto electrocardiogram = [](auto x) {
    return x | conv(16_c, 5_c) | relu | conv(32_c, 5_c) | relu;
};

inline constexpr auto stage = [](auto name, auto depth, auto width) {
    return named(name, repeat(depth, seq(conv_bn(width, 3_c, same), relu)));
};

inline constexpr auto pool = max_pool(4_c, same);

inline constexpr auto m = [](auto width, auto... then) {
    return seq(named("stem"_n, conv_bn(width, 80_c, stride(4_c), same)), relu, then...,
               global_average_pool, named("classes"_n, dense(10_c)), softmax);
};

inline constexpr auto m3 = m(256_c, pool, stage("stage1"_n, 1_c, 256_c), pool);

inline constexpr auto m5 = m(128_c, pool, stage("stage1"_n, 1_c, 128_c), pool,  // 500 positions
                                          stage("stage2"_n, 1_c, 256_c), pool,  // 125
                                          stage("stage3"_n, 1_c, 512_c), pool);  // 32

inline constexpr auto m11 = m(64_c, pool, stage("stage1"_n, 2_c, 64_c),
                                    pool, stage("stage2"_n, 2_c, 128_c),
                                    pool, stage("stage3"_n, 3_c, 256_c),
                                    pool, stage("stage4"_n, 2_c, 512_c));

inline constexpr auto m18 = m(64_c, pool, stage("stage1"_n, 4_c, 64_c),
                                    pool, stage("stage2"_n, 4_c, 128_c),
                                    pool, stage("stage3"_n, 4_c, 256_c),
                                    pool, stage("stage4"_n, 4_c, 512_c));
// clang-format on

using sound = shape<32000, 1>;

/// Layers with weights.
template <const auto& Net>
constexpr int depth = [] {
    int count = 0;
    for (const auto& row : network<Net, sound>::layers) count += row.op == op::conv || row.op == op::dense ? 1 : 0;
    return count;
}();
static_assert(depth<m3> == 3 && depth<m5> == 5 && depth<m11> == 11 && depth<m18> == 18);

static_assert(std::is_same_v<network<electrocardiogram, shape<14, 1>>::output, shape<6, 32>>);
static_assert(network<m3, sound>::parameters == 220'682);
static_assert(network<m5, sound>::parameters == 558'090);
static_assert(network<m11, sound>::parameters == 1'784'202);
static_assert(network<m18, sound>::parameters == 3'679'882);

KILN_EXPORT(electrocardiogram, shape<14, 1>);
KILN_EXPORT(m3, sound);
KILN_EXPORT(m5, sound);
KILN_EXPORT(m11, sound);
KILN_EXPORT(m18, sound);
