// expect: bank: all filters must have the same window and input channels
// fact: filter<3, 3>
// fact: filter<5, 5>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto filters = bank(filter<3, 3>{}, filter<5, 5>{});  // <- here
