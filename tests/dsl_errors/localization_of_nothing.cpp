// expect: the target needs at least two channels
// fact: localization_loss
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x, auto y) {
    return localization_loss(x, y);  // <- here
};
constexpr auto graph = network<net, shape<1>, shape<1>>::view();
