// SqueezeNet (Iandola et al. 2016, arXiv:1602.07360, figures 1 and 2, table 1): a fire module squeezes the channels
// through 1x1 filters and expands them by 1x1 and 3x3 ones. Version 1.1 of the authors has smaller filters in conv1 and
// pools earlier, for 2.4 times less work. Parameters are those of torchvision's models. The table's 111x111 after conv1
// is that of an input of 227x227; 1.1 has torchvision's 224x224.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto fire = [](auto squeeze, auto expand) {
    return [=](auto x) {
        auto s = x | named("squeeze"_n, conv(squeeze, 1_c)) | relu;
        return concat(s | named("expand1x1"_n, conv(expand, 1_c)) | relu,
                      s | named("expand3x3"_n, conv(expand, 3_c, same)) | relu);
    };
};

inline constexpr auto fire2 = named("fire2"_n, fire(16_c, 64_c));
inline constexpr auto fire3 = named("fire3"_n, fire(16_c, 64_c));
inline constexpr auto fire4 = named("fire4"_n, fire(32_c, 128_c));
inline constexpr auto fire5 = named("fire5"_n, fire(32_c, 128_c));
inline constexpr auto fire6 = named("fire6"_n, fire(48_c, 192_c));
inline constexpr auto fire7 = named("fire7"_n, fire(48_c, 192_c));
inline constexpr auto fire8 = named("fire8"_n, fire(64_c, 256_c));
inline constexpr auto fire9 = named("fire9"_n, fire(64_c, 256_c));

inline constexpr auto pool = max_pool(3_c, stride(2_c));
inline constexpr auto classes = seq(named("conv10"_n, conv(1000_c, 1_c)), relu, global_average_pool, softmax);

inline constexpr auto squeezenet_1_0 = seq(named("conv1"_n, conv(96_c, 7_c, stride(2_c))), relu, pool,
                                           fire2, fire3, fire4, pool, fire5, fire6, fire7, fire8, pool, fire9, classes);
inline constexpr auto squeezenet_1_1 = seq(named("conv1"_n, conv(64_c, 3_c, stride(2_c))), relu, pool,
                                           fire2, fire3, pool, fire4, fire5, pool, fire6, fire7, fire8, fire9, classes);
// clang-format on

static_assert(network<squeezenet_1_0, shape<227, 227, 3>>::parameters == 1'248'424);
static_assert(network<squeezenet_1_1, shape<224, 224, 3>>::parameters == 1'235'496);
static_assert(network<squeezenet_1_0, shape<227, 227, 3>>::multiply_adds == 832'667'936);
static_assert(network<squeezenet_1_1, shape<224, 224, 3>>::multiply_adds == 349'151'936);

KILN_EXPORT(squeezenet_1_0, shape<227, 227, 3>);
KILN_EXPORT(squeezenet_1_1, shape<224, 224, 3>);
