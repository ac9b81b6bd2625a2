// expect: sizes are compile-time constants: write 6_c (from kiln::literals), not 6 or a variable
// fact: int
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | dense(120) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
