// expect: this name is already used in its scope: rename one, or write shared(name, block) to share the weights
// fact: lines<9, 10>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    auto y = x | named("block"_n, seq(conv(4_c, 3_c), relu));
    return y | named("block"_n, seq(conv(4_c, 3_c), relu));
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();  // <- here
