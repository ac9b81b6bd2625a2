// expect: pad_reflect: the border must be narrower than the tensor it mirrors
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | pad_reflect(8_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
