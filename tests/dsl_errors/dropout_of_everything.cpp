// expect: dropout: the rate is a probability, at least 0 and below 1: write dropout(0.5)
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) { return x | dropout(1); };
constexpr auto graph = network<net, shape<8, 8, 1>>::view();  // <- here
