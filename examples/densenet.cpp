// DenseNet-121 (Huang, Liu, van der Maaten, Weinberger 2016, arXiv:1608.06993, table 1): every layer reads all those
// before it in its block and adds 32 channels. Parameters are those of torchvision's densenet121.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto growth = 32_c;

// clang-format off
inline constexpr auto composite = [](auto x) {
    auto y = x | batch_norm | relu | conv(growth * 4_c, 1_c, no_bias)
               | batch_norm | relu | conv(growth, 3_c, same, no_bias);
    return concat(x, y);
};

inline constexpr auto transition = [](auto x) {
    return x | batch_norm | relu | conv(x.channels / 2_c, 1_c, no_bias) | average_pool(2_c);
};

inline constexpr auto densenet = [](auto d1, auto d2, auto d3, auto d4) {
    return seq(named("stem"_n, conv_bn(64_c, 7_c, stride(2_c), pad(3_c))), relu, max_pool(3_c, stride(2_c), pad(1_c)),
               named("block1"_n, repeat(d1, composite)), named("transition1"_n, transition),
               named("block2"_n, repeat(d2, composite)), named("transition2"_n, transition),
               named("block3"_n, repeat(d3, composite)), named("transition3"_n, transition),
               named("block4"_n, repeat(d4, composite)), named("norm"_n, batch_norm), relu,
               global_average_pool, named("classes"_n, dense(1000_c)), softmax);
};
// clang-format on

inline constexpr auto densenet121 = densenet(6_c, 12_c, 24_c, 16_c);

using photo = shape<224, 224, 3>;
static_assert(network<densenet121, photo>::parameters == 7'978'856);
static_assert(network<densenet121, photo>::multiply_adds == 2'834'161'664);

KILN_EXPORT(densenet121, photo);
