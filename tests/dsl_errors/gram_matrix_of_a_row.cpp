// expect: this takes a tensor with 1 to 3 spatial axes before the channels
// fact: gram_matrix
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | gram_matrix;  // <- here
};
constexpr auto graph = network<net, shape<8>>::view();
