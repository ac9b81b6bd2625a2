// expect: a cost compares tensors of one shape: a prediction and its target
// fact: shape<9>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x, auto y) {
    return squared_error(x, y);  // <- here
};
constexpr auto graph = network<net, shape<8>, shape<9>>::view();
