// expect: slice: it reaches beyond the tensor
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | slice(0_c, 4_c, 9_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
