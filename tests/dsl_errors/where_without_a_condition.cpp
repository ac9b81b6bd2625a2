// expect: where chooses by a condition: write where(x > 0, a, b)
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return where(x, x, 0);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
