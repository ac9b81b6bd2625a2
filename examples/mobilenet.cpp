// MobileNet v1 (Howard et al. 2017, arXiv:1704.04861, table 1): a depthwise 3x3 convolution filters every channel, a
// 1x1 convolution mixes them. The paper counts 4.2 million parameters and 569 million multiply-adds. One stride in its
// table is a misprint: the last depthwise layer keeps 7x7.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto separable = [](auto width, auto step) {
    return seq(depthwise_conv(3_c, stride(step), pad(1_c), no_bias), batch_norm, relu, conv_bn(width, 1_c), relu);
};

// clang-format off
inline constexpr auto mobilenet = seq(
    named("stem"_n, conv_bn(32_c, 3_c, stride(2_c), pad(1_c))), relu,
    named("block1"_n,  separable(64_c, 1_c)),
    named("block2"_n,  separable(128_c, 2_c)),
    named("block3"_n,  separable(128_c, 1_c)),
    named("block4"_n,  separable(256_c, 2_c)),
    named("block5"_n,  separable(256_c, 1_c)),
    named("block6"_n,  separable(512_c, 2_c)),
    named("block7"_n,  repeat(5_c, separable(512_c, 1_c))),
    named("block12"_n, separable(1024_c, 2_c)),
    named("block13"_n, separable(1024_c, 1_c)),
    global_average_pool, named("classes"_n, dense(1000_c)), softmax);
// clang-format on

using photo = shape<224, 224, 3>;
static_assert(network<mobilenet, photo>::parameters == 4'231'976);
static_assert(network<mobilenet, photo>::multiply_adds == 568'740'352);

KILN_EXPORT(mobilenet, photo);
