// expect: two paddings were given: choose same, valid, pad, or pad_before with pad_after
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(6_c, 5_c, pad(1_c), pad_before(2_c)) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
