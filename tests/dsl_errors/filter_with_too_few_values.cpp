// expect: a filter or bias needs exactly as many values as its extents say
// fact: filter<3, 3>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr filter<3, 3> wrong{1, 0, -1, 1, 0, -1};  // <- here
