// expect: pooling padding must be smaller than the window, or a window would hold padding only
// fact: pad_of<2>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | max_pool(2_c, pad(2_c)) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
