// expect: an input of a network is described by its shape: write network<net, shape<32, 32, 3>>
// fact: float
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

constexpr auto graph = network<relu, float>::view();  // <- here
