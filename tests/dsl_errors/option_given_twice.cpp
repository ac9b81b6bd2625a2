// expect: the same option was given twice
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    return x | conv(6_c, 5_c, stride(1_c), stride(2_c)) | relu;  // <- here
};
constexpr auto graph = network<net, shape<8, 8, 1>>::view();
