// expect: a window, stride, dilation, padding, size or factor needs one value, or one for each spatial axis of the input
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(sobel_vertical) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 8, 1>>::view();
