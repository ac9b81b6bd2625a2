// MobileNet v2 (Sandler, Howard, Zhu, Zhmoginov, Chen 2018, arXiv:1801.04381, table 2): blocks that are wide inside and
// narrow between, with a shortcut from narrow to narrow and no activation there. The paper counts 3.4 million
// parameters and 300 million multiply-adds; parameters are those of torchvision's mobilenet_v2.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto block = [](auto x, auto expansion, auto width, auto step) {
    auto depthwise = seq(depthwise_conv(3_c, stride(step), pad(1_c), no_bias), batch_norm, relu6);
    auto narrow = conv_bn(width, 1_c);
    auto y = [&] {
        if constexpr (expansion == 1_c)
            return x | depthwise | narrow;
        else
            return x | conv_bn(x.channels * expansion, 1_c) | relu6 | depthwise | narrow;
    }();
    if constexpr (step == 1_c && x.channels == width)
        return x + y;
    else
        return y;
};

inline constexpr auto stage = [](auto expansion, auto width, auto depth, auto step) {
    return seq([=](auto x) { return block(x, expansion, width, step); },
               repeat(depth - 1_c, [=](auto x) { return block(x, expansion, width, 1_c); }));
};

inline constexpr auto mobilenet_v2 = seq(
    named("stem"_n, conv_bn(32_c, 3_c, stride(2_c), pad(1_c))), relu6,
    named("stage1"_n, stage(1_c,  16_c, 1_c, 1_c)),
    named("stage2"_n, stage(6_c,  24_c, 2_c, 2_c)),
    named("stage3"_n, stage(6_c,  32_c, 3_c, 2_c)),
    named("stage4"_n, stage(6_c,  64_c, 4_c, 2_c)),
    named("stage5"_n, stage(6_c,  96_c, 3_c, 1_c)),
    named("stage6"_n, stage(6_c, 160_c, 3_c, 2_c)),
    named("stage7"_n, stage(6_c, 320_c, 1_c, 1_c)),
    named("last"_n, conv_bn(1280_c, 1_c)), relu6,
    global_average_pool, named("classes"_n, dense(1000_c)), softmax);
// clang-format on

using photo = shape<224, 224, 3>;
static_assert(network<mobilenet_v2, photo>::parameters == 3'504'872);
static_assert(network<mobilenet_v2, photo>::multiply_adds == 300'774'272);

KILN_EXPORT(mobilenet_v2, photo);
