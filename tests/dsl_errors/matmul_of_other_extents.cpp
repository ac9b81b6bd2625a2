// expect: matmul: the last axis of the first tensor must be as long as the second to last of the second
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return matmul(x, x);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
