// expect: reshape: the new shape must hold as many elements as the old one
// fact: shape<8, 8, 4>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | reshape(8_c, 8_c);  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 4>>::view();
