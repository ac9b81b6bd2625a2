// expect: local_response_norm: alpha must be at least 0 and bias above 0, so that there is no power of a negative number
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) { return x | local_response_norm(5_c, 1e-4, 0.75, 0) | relu; };
constexpr auto graph = network<net, shape<8, 8, 16>>::view();  // <- here
