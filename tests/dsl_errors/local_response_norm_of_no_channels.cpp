// expect: window, stride, dilation, groups, units and factors must be at least 1
// fact: local_response_norm_layer<0>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | local_response_norm(0_c) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 16>>::view();
