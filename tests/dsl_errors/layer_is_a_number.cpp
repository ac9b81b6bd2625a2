// expect: the right side of | must be a layer, or a function from a tensor to a tensor
// fact: int
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | 3 | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
