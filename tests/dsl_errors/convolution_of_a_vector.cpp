// expect: this operator does not take a tensor of this rank: convolution and pooling need 1 to 3 spatial axes before the channels
// fact: shape<100>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(6_c, 5_c) | relu;  // <- here
};
constexpr auto graph = network<net, shape<100>>::view();
