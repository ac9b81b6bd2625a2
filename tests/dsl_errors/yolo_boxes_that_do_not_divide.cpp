// expect: yolo_loss takes a grid whose channels hold, for each box
// fact: shape<3, 3, 16>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x, auto y) {
    return yolo_loss(x, y, 3_c);  // <- here
};
constexpr auto graph = network<net, shape<3, 3, 16>, shape<3, 3, 16>>::view();
