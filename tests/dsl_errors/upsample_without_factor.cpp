// expect: the factor is missing: write upsample(2_c)
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | upsample() | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
