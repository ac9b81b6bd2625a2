// expect: a window, stride, dilation, padding, size or factor needs one value, or one for each spatial axis of the input
// fact: window_of<3, 5>
// fact: shape<8, 8, 8, 1>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(6_c, window(3_c, 5_c)) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 8, 1>>::view();
