// A network of the plug-ins of tests/dsl/plugins.cpp.
#include <kiln/dsl/dsl.hpp>

inline constexpr auto alone = [](auto x) { return kiln::relu(x); };

KILN_EXPORT(alone, kiln::shape<3>);
