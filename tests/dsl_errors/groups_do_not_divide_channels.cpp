// expect: the channels of the input and the number of filters must both be divisible by groups
// fact: groups_of<4>
// fact: shape<8, 8, 6>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(6_c, 3_c, groups(4_c)) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 6>>::view();
