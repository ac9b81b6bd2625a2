// expect: an output is written with its name: outputs("name"_n = tensor, ...)
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return outputs("y"_n = x, x);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
