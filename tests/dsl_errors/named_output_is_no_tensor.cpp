// expect: an output must be a tensor: write outputs("name"_n = tensor, ...)
// fact: int
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto) {
    return outputs("y"_n = 1);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
