// expect: the sizes are missing: write resize(64_c), crop(2_c), space_to_depth(2_c), group_norm(32_c)
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | crop();  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
