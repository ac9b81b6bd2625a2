// expect: a layer is applied to exactly one tensor: write x | layer, or layer(x)
// fact: leaky_relu_layer
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | leaky_relu("0.1");  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
