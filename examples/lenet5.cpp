// LeNet-5 in its modern form (LeCun, Bottou, Bengio, Haffner 1998, with ReLU and max pooling): grey 28x28 digits.
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto lenet5 = [](auto image) {
    return image | conv(6_c, 5_c, same) | relu | max_pool(2_c)
                 | conv(16_c, 5_c)      | relu | max_pool(2_c)
                 | dense(120_c) | relu | dense(84_c) | relu | dense(10_c) | softmax;
};
// clang-format on

static_assert(network<lenet5, shape<28, 28, 1>>::parameters == 61'706);
static_assert(std::is_same_v<network<lenet5, shape<28, 28, 1>>::output, shape<10>>);

KILN_EXPORT(lenet5, shape<28, 28, 1>);
