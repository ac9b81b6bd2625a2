// expect: the window (with its dilation) is larger than the padded input: use a smaller window, more padding or a larger input
// fact: shape<4, 4, 1>
// fact: window_of<5>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(6_c, 5_c) | relu;  // <- here
};
constexpr auto graph = network<net, shape<4, 4, 1>>::view();
