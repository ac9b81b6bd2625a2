// expect: a window, stride, dilation or size must be at least 1, and small enough for the result to have elements that can be counted
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv_transpose(4_c, 2_c, pad(9_c));  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
