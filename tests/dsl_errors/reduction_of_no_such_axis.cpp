// expect: the tensor has no such axis
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | mean_over(3_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
