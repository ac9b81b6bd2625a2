// expect: the tensor has no such axis: count from 0, or with -1_c from the end
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | slice(-4_c, 0_c, 1_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
