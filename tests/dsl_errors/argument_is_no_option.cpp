// expect: this operator does not take this argument or option
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(6_c, 5_c, relu) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
