// expect: pick: the axis has no such place: count from 0
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | pick(-1_c, 3_c, 4_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
