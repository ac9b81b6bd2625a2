// U-Net (Ronneberger, Fischer, Brox 2015, arXiv:1505.04597, figure 1): down to 16x16x1024 and up again, with every step
// up reading the map of the same size on the way down. The paper's "up-convolution" is an upsampling and a 2x2
// convolution, and so it is here. Convolutions are padded, so that the mask is as large as the image (the paper's are
// valid and crop: 572x572 to 388x388); that changes no parameter.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto twice = [](auto width) {
    return repeat(2_c, seq(conv(width, 3_c, same), relu));
};

inline constexpr auto up = [](auto x, auto across) {
    return concat(across, x | upsample(2_c) | conv(across.channels, 2_c, same)) | twice(across.channels);
};

inline constexpr auto unet = [](auto image) {
    auto a = image            | named("down1"_n, twice(64_c));
    auto b = a | max_pool(2_c) | named("down2"_n, twice(128_c));
    auto c = b | max_pool(2_c) | named("down3"_n, twice(256_c));
    auto d = c | max_pool(2_c) | named("down4"_n, twice(512_c));
    auto e = d | max_pool(2_c) | named("bottom"_n, twice(1024_c));
    auto to = [](auto across) { return [=](auto x) { return up(x, across); }; };
    return e | named("up4"_n, to(d)) | named("up3"_n, to(c)) | named("up2"_n, to(b)) | named("up1"_n, to(a))
             | named("mask"_n, conv(2_c, 1_c)) | softmax;
};
// clang-format on

using picture = shape<256, 256, 1>;
static_assert(network<unet, picture>::parameters == 31'030'658);
static_assert(std::is_same_v<network<unet, picture>::output, shape<256, 256, 2>>);

KILN_EXPORT(unet, picture);
