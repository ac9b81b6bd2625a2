// expect: both inputs must have the same shape
// fact: shape<9, 9, 4>
// fact: shape<4, 4, 8>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return relu(x + (x | conv(8_c, 3_c, stride(2_c))));  // <- here
};
constexpr auto graph = network<net, shape<9, 9, 4>>::view();
