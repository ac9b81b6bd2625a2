// Sliding windows by convolution (Sermanet et al. 2013, "OverFeat", arXiv:1312.6229, figure 5, with the course's
// sizes). A classifier of 14x14 images has its dense layers written as convolutions: 400 filters of 5x5 are dense(400)
// on 5x5x16. On a larger image the same weights then answer for every window of 14x14, two cells apart: 2x2 answers on
// 16x16, 8x8 on 28x28, in one pass that shares all common work. `windows` is the classifier with its dense layers: what
// is written out here, `kiln compile windows --slide-over 28x28x3` does by itself, with the same weights.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto windows = [](auto image) {
    return image | named("conv1"_n, conv(16_c, 5_c))  | relu | max_pool(2_c)
                 | named("fc2"_n, dense(400_c))       | relu
                 | named("fc3"_n, dense(400_c))       | relu
                 | named("fc4"_n, dense(4_c))         | softmax;
};

inline constexpr auto sliding = [](auto image) {
    return image | named("conv1"_n, conv(16_c, 5_c))  | relu | max_pool(2_c)
                 | named("fc2"_n, conv(400_c, 5_c))   | relu
                 | named("fc3"_n, conv(400_c, 1_c))   | relu
                 | named("fc4"_n, conv(4_c, 1_c))     | softmax;
};
// clang-format on

using on14 = network<sliding, shape<14, 14, 3>>;
using on16 = network<sliding, shape<16, 16, 3>>;
using on28 = network<sliding, shape<28, 28, 3>>;

static_assert(std::is_same_v<on14::output, shape<1, 1, 4>>);
static_assert(std::is_same_v<on16::output, shape<2, 2, 4>>);
static_assert(std::is_same_v<on28::output, shape<8, 8, 4>>);

static_assert(on14::parameters == network<windows, shape<14, 14, 3>>::parameters);
static_assert(on14::multiply_adds == network<windows, shape<14, 14, 3>>::multiply_adds);
static_assert(on14::parameters == on16::parameters && on14::parameters == on28::parameters);
static_assert(on28::multiply_adds < 64 * on14::multiply_adds);

KILN_EXPORT(windows, shape<14, 14, 3>);
KILN_EXPORT_AS("sliding_14", sliding, shape<14, 14, 3>);
KILN_EXPORT_AS("sliding_16", sliding, shape<16, 16, 3>);
KILN_EXPORT_AS("sliding_28", sliding, shape<28, 28, 3>);
