// expect: the number of units is missing: write dense(120_c)
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | dense() | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
