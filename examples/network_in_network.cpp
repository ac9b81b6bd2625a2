// Network in Network (Lin, Chen, Yan 2013, arXiv:1312.4400): a 1x1 convolution is a small dense network at every cell,
// and averages over whole maps replace the dense layers (figure 2, with a fourth block for ImageNet). Sizes are those
// of the authors' ImageNet model in Caffe's model zoo; `same` rounds pools up as Caffe does.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto mlpconv = [](auto first, auto second, auto third) {
    return seq(first, relu, conv(second, 1_c), relu, conv(third, 1_c), relu);
};

inline constexpr auto network_in_network = seq(
    named("block1"_n, mlpconv(conv(96_c, 11_c, stride(4_c)), 96_c, 96_c)),   max_pool(3_c, stride(2_c), same),
    named("block2"_n, mlpconv(conv(256_c, 5_c, same), 256_c, 256_c)),        max_pool(3_c, stride(2_c)),
    named("block3"_n, mlpconv(conv(384_c, 3_c, same), 384_c, 384_c)),        max_pool(3_c, stride(2_c)),
    named("block4"_n, mlpconv(conv(1024_c, 3_c, same), 1024_c, 1000_c)),     global_average_pool, softmax);
// clang-format on

using photo = shape<224, 224, 3>;
static_assert(network<network_in_network, photo>::parameters == 7'595'176);
static_assert(std::is_same_v<network<network_in_network, photo>::output, shape<1, 1, 1000>>);

KILN_EXPORT(network_in_network, photo);
