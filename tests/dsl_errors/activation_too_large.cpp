// expect: the tensor has more elements than Kiln can index (2^31 - 1)
// fact: upsample_layer<100000>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | upsample(100000_c) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
