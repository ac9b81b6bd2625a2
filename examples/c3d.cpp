// C3D (Tran, Bourdev, Fergus, Torresani, Paluri 2015, arXiv:1412.0767, figure 3): 3x3x3 convolutions over clips of 16
// frames; 101 classes are UCF101's actions. The first pool leaves time alone; the last one rounds 7x7 up to 4x4, as the
// authors' Caffe does, for 8,192 values.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto cube = [](auto width) { return seq(conv(width, 3_c, same), relu); };

// clang-format off
inline constexpr auto c3d = seq(
    named("stage1"_n, cube(64_c)),              max_pool(window(1_c, 2_c, 2_c)),  // 16x56x56x64
    named("stage2"_n, cube(128_c)),             max_pool(2_c),                    // 8x28x28x128
    named("stage3"_n, repeat(2_c, cube(256_c))), max_pool(2_c),                    // 4x14x14x256
    named("stage4"_n, repeat(2_c, cube(512_c))), max_pool(2_c),                    // 2x7x7x512
    named("stage5"_n, repeat(2_c, cube(512_c))), max_pool(2_c, same),              // 1x4x4x512
    named("fc6"_n, dense(4096_c)), relu,
    named("fc7"_n, dense(4096_c)), relu,
    named("fc8"_n, dense(101_c)), softmax);
// clang-format on

using video = shape<16, 112, 112, 3>;
static_assert(network<c3d, video>::parameters == 78'409'573);
static_assert(network<c3d, video>::multiply_adds == 38'547'378'176);

KILN_EXPORT(c3d, video);
