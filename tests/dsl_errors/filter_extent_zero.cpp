// expect: a filter has 1 or 2 window extents, or {window..., input channels, filters}, each at least 1
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr filter<3, 0> wrong;  // <- here
