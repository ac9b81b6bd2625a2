// ResNet-18 to -152 (He, Zhang, Ren, Sun 2015, arXiv:1512.03385, table 1) from one definition, in the layout everybody
// trains today: a bottleneck strides in its 3x3 convolution. Input: 224x224x3; output: 1,000 class scores.
#pragma once

#include <kiln/dsl/dsl.hpp>

namespace resnets {

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto shortcut = [](auto x, auto channels, auto step) {
    if constexpr (x.channels == channels && step == 1_c)
        return x;
    else
        return x | conv_bn(channels, 1_c, stride(step));
};

inline constexpr auto basic = [](auto x, auto width, auto step) {
    auto y = x | conv_bn(width, 3_c, stride(step), pad(1_c)) | relu | conv_bn(width, 3_c, pad(1_c));
    return relu(y + shortcut(x, width, step));
};

inline constexpr auto bottleneck = [](auto x, auto width, auto step) {
    auto y =
        x | conv_bn(width, 1_c) | relu | conv_bn(width, 3_c, stride(step), pad(1_c)) | relu | conv_bn(width * 4_c, 1_c);
    return relu(y + shortcut(x, width * 4_c, step));
};

inline constexpr auto stage = [](auto block, auto depth, auto width, auto step) {
    return seq([=](auto x) { return block(x, width, step); },
               repeat(depth - 1_c, [=](auto x) { return block(x, width, 1_c); }));
};

inline constexpr auto resnet = [](auto block, auto d1, auto d2, auto d3, auto d4) {
    return seq(named("stem"_n, conv_bn(64_c, 7_c, stride(2_c), pad(3_c))), relu, max_pool(3_c, stride(2_c), pad(1_c)),
               named("stage1"_n, stage(block, d1, 64_c, 1_c)), named("stage2"_n, stage(block, d2, 128_c, 2_c)),
               named("stage3"_n, stage(block, d3, 256_c, 2_c)), named("stage4"_n, stage(block, d4, 512_c, 2_c)),
               global_average_pool, named("classes"_n, dense(1000_c)));
};

inline constexpr auto resnet18 = resnet(basic, 2_c, 2_c, 2_c, 2_c);
inline constexpr auto resnet34 = resnet(basic, 3_c, 4_c, 6_c, 3_c);
inline constexpr auto resnet50 = resnet(bottleneck, 3_c, 4_c, 6_c, 3_c);
inline constexpr auto resnet101 = resnet(bottleneck, 3_c, 4_c, 23_c, 3_c);
inline constexpr auto resnet152 = resnet(bottleneck, 3_c, 8_c, 36_c, 3_c);

using photo = shape<224, 224, 3>;

}  // namespace resnets
