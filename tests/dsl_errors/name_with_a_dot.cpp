// expect: a name must consist of letters, digits, _ and -: dots separate scopes
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | named("a.b"_n, relu) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
