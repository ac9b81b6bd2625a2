// expect: concat: all inputs must agree in every extent but the channels
// fact: shape<9, 9, 4>
// fact: shape<3, 3, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return concat(x, x | max_pool(3_c));  // <- here
};
constexpr auto graph = network<net, shape<9, 9, 4>>::view();
