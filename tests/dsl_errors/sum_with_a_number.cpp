// expect: this operand is not a tensor: add, multiply, concat, named and shared blocks take tensors of this network
// fact: double
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x + 1.0;  // <- here
};
constexpr auto graph = network<net, shape<9, 9, 4>>::view();
