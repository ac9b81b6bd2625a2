// expect: every extent must be at least 1
// fact: shape<0, 3>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

constexpr auto graph = network<relu, shape<0, 3>>::view();  // <- here
