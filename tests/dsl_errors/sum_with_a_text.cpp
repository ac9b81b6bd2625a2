// expect: this operand is not a tensor: arithmetic takes tensors and numbers; concat, matmul, named and shared blocks take tensors of this network
// fact: char
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x + "one";  // <- here
};
constexpr auto graph = network<net, shape<9, 9, 4>>::view();
