// expect: every extent must be at least 1
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | crop(4_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
