// AlexNet (Krizhevsky, Sutskever, Hinton 2012, "ImageNet classification with deep convolutional neural networks",
// figure 2). `alexnet` has the paper's two groups, a relic of its two GPUs, in conv2, conv4 and conv5, and counts what
// Caffe's reference model does; it leaves local response normalisation out. `alexnet_lrn` has it where section 3.5 puts
// it, after the first two layers, with the values of section 3.3 (k = 2, n = 5, 1e-4 for each square, 0.75).
// `alexnet_ungrouped` is the same table as courses teach it, where every filter sees all channels.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto alexnet_of = [](auto towers, auto normalise) {
    return seq(named("conv1"_n, conv(96_c, 11_c, stride(4_c))),          relu, normalise,
               max_pool(3_c, stride(2_c)),                                                                 // 27x27x96
               named("conv2"_n, conv(256_c, 5_c, same, groups(towers))), relu, normalise,
               max_pool(3_c, stride(2_c)),                                                                 // 13x13x256
               named("conv3"_n, conv(384_c, 3_c, same)),                 relu,
               named("conv4"_n, conv(384_c, 3_c, same, groups(towers))), relu,
               named("conv5"_n, conv(256_c, 3_c, same, groups(towers))), relu, max_pool(3_c, stride(2_c)),  // 9,216
               named("fc6"_n, dense(4096_c)), relu,
               named("fc7"_n, dense(4096_c)), relu,
               named("fc8"_n, dense(1000_c)), softmax);
};
// clang-format on

inline constexpr auto alexnet = alexnet_of(2_c, seq());
inline constexpr auto alexnet_lrn = alexnet_of(2_c, local_response_norm(5_c, 5e-4, 0.75, 2));
inline constexpr auto alexnet_ungrouped = alexnet_of(1_c, seq());

using photo = shape<227, 227, 3>;
static_assert(network<alexnet, photo>::parameters == 60'965'224);
static_assert(network<alexnet, photo>::multiply_adds == 724'406'816);
static_assert(network<alexnet_lrn, photo>::parameters == network<alexnet, photo>::parameters);
static_assert(network<alexnet_lrn, photo>::multiply_adds == network<alexnet, photo>::multiply_adds);
static_assert(network<alexnet_ungrouped, photo>::parameters == 62'378'344);
static_assert(network<alexnet_ungrouped, photo>::multiply_adds == 1'135'256'096);

KILN_EXPORT(alexnet, photo);
KILN_EXPORT(alexnet_lrn, photo);
KILN_EXPORT(alexnet_ungrouped, photo);
