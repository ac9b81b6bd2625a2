// VGG-16 and VGG-19 (Simonyan, Zisserman 2014, arXiv:1409.1556, table 1, columns D and E). Parameters are those of the
// paper's table 2 (138 and 144 million) and, to the last one, of torchvision's vgg16 and vgg19.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto stage = [](auto depth, auto width) {
    return seq(repeat(depth, seq(conv(width, 3_c, same), relu)), max_pool(2_c));
};

// clang-format off
inline constexpr auto vgg = [](auto depth) {  // of the last three stages
    return seq(named("stage1"_n, stage(2_c, 64_c)),
               named("stage2"_n, stage(2_c, 128_c)),
               named("stage3"_n, stage(depth, 256_c)),
               named("stage4"_n, stage(depth, 512_c)),
               named("stage5"_n, stage(depth, 512_c)),
               named("fc6"_n, dense(4096_c)), relu,
               named("fc7"_n, dense(4096_c)), relu,
               named("fc8"_n, dense(1000_c)), softmax);
};
// clang-format on

inline constexpr auto vgg16 = vgg(3_c);
inline constexpr auto vgg19 = vgg(4_c);

using photo = shape<224, 224, 3>;
static_assert(network<vgg16, photo>::parameters == 138'357'544);
static_assert(network<vgg16, photo>::multiply_adds == 15'470'264'320);
static_assert(network<vgg19, photo>::parameters == 143'667'240);
static_assert(network<vgg19, photo>::multiply_adds == 19'632'062'464);

KILN_EXPORT(vgg16, photo);
KILN_EXPORT(vgg19, photo);
