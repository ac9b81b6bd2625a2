// A network of the second plug-in of tests/dsl/plugins.cpp.
#include <kiln/dsl/dsl.hpp>

inline constexpr auto other = [](auto x) { return kiln::sigmoid(x); };

KILN_EXPORT(other, kiln::shape<5>);
