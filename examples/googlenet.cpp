// GoogLeNet, Inception v1 (Szegedy et al. 2014, arXiv:1409.4842, table 1 and figure 3). `googlenet` is what classifies;
// `googlenet_training` also has the two side classifiers, which only help to train, as outputs. Both leave local
// response normalisation out; `googlenet_lrn` has it around the second convolution, as figure 3 does, with the values
// of Caffe's reference model, whose parameters all three have.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto inception = [](auto n1, auto n3_reduce, auto n3, auto n5_reduce, auto n5, auto pool_proj) {
    return [=](auto x) {
        return concat(x | conv(n1, 1_c) | relu,
                      x | conv(n3_reduce, 1_c) | relu | conv(n3, 3_c, same) | relu,
                      x | conv(n5_reduce, 1_c) | relu | conv(n5, 5_c, same) | relu,
                      x | max_pool(3_c, stride(1_c), same) | conv(pool_proj, 1_c) | relu);
    };
};

inline constexpr auto halve = max_pool(3_c, stride(2_c), same);

inline constexpr auto up_to_4a = [](auto normalise) { return seq(
    named("conv1"_n, conv(64_c, 7_c, stride(2_c), pad(3_c))), relu, halve, normalise,
    named("conv2"_n, seq(conv(64_c, 1_c), relu, conv(192_c, 3_c, same), relu)), normalise, halve,
    named("inception_3a"_n, inception( 64_c,  96_c, 128_c, 16_c,  32_c,  32_c)),
    named("inception_3b"_n, inception(128_c, 128_c, 192_c, 32_c,  96_c,  64_c)), halve,
    named("inception_4a"_n, inception(192_c,  96_c, 208_c, 16_c,  48_c,  64_c)));
};
inline constexpr auto from_4a_to_4d = seq(
    named("inception_4b"_n, inception(160_c, 112_c, 224_c, 24_c,  64_c,  64_c)),
    named("inception_4c"_n, inception(128_c, 128_c, 256_c, 24_c,  64_c,  64_c)),
    named("inception_4d"_n, inception(112_c, 144_c, 288_c, 32_c,  64_c,  64_c)));
inline constexpr auto from_4d = seq(
    named("inception_4e"_n, inception(256_c, 160_c, 320_c, 32_c, 128_c, 128_c)), halve,
    named("inception_5a"_n, inception(256_c, 160_c, 320_c, 32_c, 128_c, 128_c)),
    named("inception_5b"_n, inception(384_c, 192_c, 384_c, 48_c, 128_c, 128_c)),
    global_average_pool, named("classes"_n, dense(1000_c)), softmax);

inline constexpr auto side_classifier = seq(
    average_pool(5_c, stride(3_c)), conv(128_c, 1_c), relu, dense(1024_c), relu, dense(1000_c), softmax);

inline constexpr auto googlenet = seq(up_to_4a(seq()), from_4a_to_4d, from_4d);
inline constexpr auto googlenet_lrn = seq(up_to_4a(local_response_norm(5_c)), from_4a_to_4d, from_4d);

inline constexpr auto googlenet_training = [](auto image) {
    auto a = image | up_to_4a(seq());
    auto d = a | from_4a_to_4d;
    return outputs("main"_n  = d | from_4d,
                   "side1"_n = a | named("side1"_n, side_classifier),
                   "side2"_n = d | named("side2"_n, side_classifier));
};
// clang-format on

using photo = shape<224, 224, 3>;
static_assert(network<googlenet, photo>::parameters == 6'998'552);
static_assert(network<googlenet_lrn, photo>::parameters == network<googlenet, photo>::parameters);
static_assert(network<googlenet_training, photo>::parameters == 13'378'280);
static_assert(network<googlenet, photo>::multiply_adds == 1'582'671'872);  // the paper: 1.5 billion

KILN_EXPORT(googlenet, photo);
KILN_EXPORT(googlenet_lrn, photo);
KILN_EXPORT(googlenet_training, photo);
