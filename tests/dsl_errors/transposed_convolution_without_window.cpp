// expect: the window is missing: write conv(filters, window), depthwise_conv(window), max_pool(window)
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv_transpose(4_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
