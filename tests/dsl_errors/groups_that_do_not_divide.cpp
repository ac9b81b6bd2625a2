// expect: the channels must be divisible by the number of groups, which is at least 1
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | group_norm(3_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
