// expect: two paddings were given: choose same, valid, pad, or pad_before with pad_after
// fact: same_padding
// fact: pad_of<1>
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(6_c, 5_c, same, pad(1_c)) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
