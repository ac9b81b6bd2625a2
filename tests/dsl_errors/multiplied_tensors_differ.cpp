// expect: both inputs must have the same shape
// fact: shape<9, 9, 4>
// fact: shape<9, 9, 5>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x, auto y) {
    return x * y;  // <- here
};
constexpr auto graph = network<net, shape<9, 9, 4>, shape<9, 9, 5>>::view();
