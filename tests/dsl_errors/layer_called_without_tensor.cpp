// expect: a layer is applied to exactly one tensor: write x | layer, or layer(x)
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto) {
    return relu();  // <- here
};
constexpr auto graph = network<net, shape<9, 9, 4>>::view();
