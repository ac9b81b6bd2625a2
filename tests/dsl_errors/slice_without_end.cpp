// expect: slice takes an axis, where to begin, where to end, and perhaps a step: write slice(0_c, 2_c, 5_c)
// fact: slice_layer<0, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | slice(0_c, 4_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
