// expect: a border must not be negative: crop takes cells away
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | pad(-1_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
