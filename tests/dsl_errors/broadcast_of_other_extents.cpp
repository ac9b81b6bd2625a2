// expect: both inputs must have the same shape, or extent 1 where they differ
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | broadcast_to(4_c, 8_c, 4_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
