// expect: a window, stride, dilation or size must be at least 1, and small enough for the result to have elements that can be counted
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | resize(0_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
