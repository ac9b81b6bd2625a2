// expect: the network takes another number of inputs: give one shape for each parameter of its function
// fact: given_inputs<1>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x, auto y) { return x + y; };
constexpr auto graph = network<net, shape<8, 8, 1>>::view();  // <- here
