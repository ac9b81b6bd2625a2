// expect: the bounds are missing: write clip(0, 6)
// fact: shape<8, 8, 1>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | clip | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
