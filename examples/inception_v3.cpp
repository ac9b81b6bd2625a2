// Inception-v3 (Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2015, arXiv:1512.00567, table 1 and figures 5 to 10), without
// its auxiliary classifier. A 7x7 filter is a 1x7 and a 7x1 one. The details the paper leaves open are those of
// torchvision's inception_v3, which has as many parameters.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
template <class... Options>
constexpr auto unit(Options... options) {  // convolution, batch normalisation with the paper's epsilon, ReLU
    return seq(conv(options..., no_bias), batch_norm(1e-3), relu);
}

inline constexpr auto average = average_pool(3_c, stride(1_c), same, counting_padding);
inline constexpr auto halve = max_pool(3_c, stride(2_c));
inline constexpr auto w1x3 = window(1_c, 3_c);
inline constexpr auto w3x1 = window(3_c, 1_c);
inline constexpr auto w1x7 = window(1_c, 7_c);
inline constexpr auto w7x1 = window(7_c, 1_c);

inline constexpr auto figure5 = [](auto pool_width) {  // 5x5 as two 3x3
    return [=](auto x) {
        return concat(x | unit(64_c, 1_c),
                      x | unit(48_c, 1_c) | unit(64_c, 5_c, same),
                      x | unit(64_c, 1_c) | unit(96_c, 3_c, same) | unit(96_c, 3_c, same),
                      x | average | unit(pool_width, 1_c));
    };
};

inline constexpr auto to_17x17 = [](auto x) {  // figure 10
    return concat(x | unit(384_c, 3_c, stride(2_c)),
                  x | unit(64_c, 1_c) | unit(96_c, 3_c, same) | unit(96_c, 3_c, stride(2_c)),
                  x | halve);
};

inline constexpr auto figure6 = [](auto width) {  // 7x7 as 1x7 and 7x1
    return [=](auto x) {
        return concat(x | unit(192_c, 1_c),
                      x | unit(width, 1_c) | unit(width, w1x7, same) | unit(192_c, w7x1, same),
                      x | unit(width, 1_c) | unit(width, w7x1, same) | unit(width, w1x7, same)
                                           | unit(width, w7x1, same) | unit(192_c, w1x7, same),
                      x | average | unit(192_c, 1_c));
    };
};

inline constexpr auto to_8x8 = [](auto x) {
    return concat(x | unit(192_c, 1_c) | unit(320_c, 3_c, stride(2_c)),
                  x | unit(192_c, 1_c) | unit(192_c, w1x7, same) | unit(192_c, w7x1, same)
                                       | unit(192_c, 3_c, stride(2_c)),
                  x | halve);
};

inline constexpr auto figure7 = [](auto x) {  // the last convolutions side by side
    auto fork = [](auto y) { return concat(y | unit(384_c, w1x3, same), y | unit(384_c, w3x1, same)); };
    return concat(x | unit(320_c, 1_c),
                  x | unit(384_c, 1_c) | fork,
                  x | unit(448_c, 1_c) | unit(384_c, 3_c, same) | fork,
                  x | average | unit(192_c, 1_c));
};

inline constexpr auto inception_v3 = seq(
    named("stem"_n, seq(unit(32_c, 3_c, stride(2_c)), unit(32_c, 3_c), unit(64_c, 3_c, same), halve,
                        unit(80_c, 1_c), unit(192_c, 3_c), halve)),  // 35x35x192
    named("mixed1"_n, figure5(32_c)),
    named("mixed2"_n, figure5(64_c)),
    named("mixed3"_n, figure5(64_c)),  // 35x35x288
    named("mixed4"_n, to_17x17),
    named("mixed5"_n, figure6(128_c)),
    named("mixed6"_n, figure6(160_c)),
    named("mixed7"_n, figure6(160_c)),
    named("mixed8"_n, figure6(192_c)),  // 17x17x768
    named("mixed9"_n, to_8x8),
    named("mixed10"_n, figure7),
    named("mixed11"_n, figure7),  // 8x8x2048
    global_average_pool, named("classes"_n, dense(1000_c)), softmax);
// clang-format on

using photo = shape<299, 299, 3>;
static_assert(network<inception_v3, photo>::parameters == 23'834'568);
static_assert(network<inception_v3, photo>::multiply_adds == 5'713'216'096);

KILN_EXPORT(inception_v3, photo);
