// expect: sizes are compile-time constants: write 6_c
// fact: int
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | mean_over(1);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
