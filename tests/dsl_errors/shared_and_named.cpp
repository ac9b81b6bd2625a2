// expect: this name is already used in its scope: rename one, or write shared(name, block) to share the weights
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) { return shared("a"_n, conv(4_c, 3_c))(x) | named("a"_n, relu); };
constexpr auto graph = network<net, shape<8, 8, 1>>::view();  // <- here
