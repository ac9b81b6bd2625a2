// expect: every extent must be at least 1
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(0_c, 3_c) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
