// expect: a name is written as a literal: "tower"_n (from kiln::literals)
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | named("stem", relu) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
