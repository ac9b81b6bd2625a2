// The course's convolution over volumes, such as a CT scan: 14x14x14x1 through 16 filters of 5x5x5, then 32.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto volume = [](auto scan) {  //
    return scan | conv(16_c, 5_c) | relu | conv(32_c, 5_c) | relu;
};

using scan = shape<14, 14, 14, 1>;
static_assert(network<volume, scan>::layers[0].shape == dims::of(10, 10, 10, 16));
static_assert(std::is_same_v<network<volume, scan>::output, shape<6, 6, 6, 32>>);
static_assert(network<volume, scan>::parameters == (125 * 1 + 1) * 16 + (125 * 16 + 1) * 32);

KILN_EXPORT(volume, scan);
