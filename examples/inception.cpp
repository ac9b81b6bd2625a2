// One Inception module (Szegedy et al. 2014, arXiv:1409.4842, figure 2b) with the figures of the course: a 28x28x192
// volume becomes 28x28x256, every branch through a 1x1 bottleneck.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto inception = [](auto x) {
    return concat(x | conv(64_c, 1_c) | relu,
                  x | conv(96_c, 1_c) | relu | conv(128_c, 3_c, same) | relu,
                  x | conv(16_c, 1_c) | relu | conv(32_c, 5_c, same) | relu,
                  x | max_pool(3_c, stride(1_c), same) | conv(32_c, 1_c) | relu);
};
// clang-format on

using volume = shape<28, 28, 192>;
static_assert(std::is_same_v<network<inception, volume>::output, shape<28, 28, 256>>);

// What the bottleneck saves on the 5x5 branch: 120 million multiplications against 12.4 million.
inline constexpr auto straight = [](auto x) { return x | conv(32_c, 5_c, same); };
inline constexpr auto through_bottleneck = [](auto x) { return x | conv(16_c, 1_c) | conv(32_c, 5_c, same); };
static_assert(network<straight, volume>::multiply_adds == 120'422'400);
static_assert(network<through_bottleneck, volume>::multiply_adds == 2'408'448 + 10'035'200);

KILN_EXPORT(inception, volume);
