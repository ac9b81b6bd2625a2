// expect: clip: the lower bound must be a number not above the upper one: write clip(0, 6)
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) { return x | named("block"_n, seq(relu6, clip(6, 0), clip(2, 1))); };
constexpr auto graph = network<net, shape<8, 8, 1>>::view();  // <- here
