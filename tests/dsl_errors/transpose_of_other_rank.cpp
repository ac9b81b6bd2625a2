// expect: transpose: the order must name every axis exactly once
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | transpose(1_c, 0_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
