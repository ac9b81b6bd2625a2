// expect: the filter's shape does not fit the input: expected {window..., input channels / groups, filters}
// fact: shape<8, 8, 3>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(sobel_vertical) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 3>>::view();
