// expect: cross_entropy chooses among at least two channels
// fact: shape<1>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x, auto y) {
    return cross_entropy(x, y);  // <- here
};
constexpr auto graph = network<net, shape<1>, shape<1>>::view();
