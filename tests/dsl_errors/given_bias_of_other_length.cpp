// expect: a bias, scale, shift, mean, variance or slope must have exactly one value per channel
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(sobel_vertical, bias(1, 2)) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
