// expect: a cost is made of tensors of this network
// fact: cross_entropy
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x, auto y) {
    return cross_entropy(x + y, 3);  // <- here
};
constexpr auto graph = network<net, shape<8>, shape<8>>::view();
