// expect: two outputs have the same name
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return outputs("y"_n = x, "y"_n = relu(x));  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
