// expect: a network must return a tensor, or outputs("name"_n = tensor, ...)
// fact: int
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto) { return 1; };
constexpr auto graph = network<net, shape<8, 8, 1>>::view();  // <- here
