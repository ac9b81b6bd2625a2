// expect: cross_entropy: the label must have the logits' extents
// fact: shape<9>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x, auto y) {
    return cross_entropy(x, y);  // <- here
};
constexpr auto graph = network<net, shape<10>, shape<9>>::view();
