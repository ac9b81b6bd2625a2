// expect: the window (with its dilation) is larger than the padded input: use a smaller window, more padding or a larger input
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

inline constexpr auto net = [](auto x) {
    auto y = x | conv(6_c, 5_c);  // <- here
    auto z = concat(y, y | max_pool(2_c)) | dense(3_c);
    return outputs("y"_n = z, "z"_n = relu(z + z));
};
KILN_EXPORT(net, shape<4, 4, 1>);
