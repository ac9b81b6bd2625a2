// expect: the blocks do not divide the tensor: extents by the block's, or channels by its cells
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | space_to_depth(3_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
