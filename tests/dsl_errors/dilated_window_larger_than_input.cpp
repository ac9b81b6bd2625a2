// expect: the window (with its dilation) is larger than the padded input: use a smaller window, more padding or a larger input
// fact: dilation_of<4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | max_pool(3_c, stride(1_c), dilation(4_c)) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
