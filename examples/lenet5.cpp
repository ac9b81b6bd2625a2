// LeNet-5 in its modern form (LeCun, Bottou, Bengio, Haffner 1998, with ReLU and max pooling): grey 28x28 digits.
//
//   kiln train lenet5 --data fashion-mnist --epochs 10 -o lenet5.safetensors
//   kiln compile lenet5 --weights lenet5.safetensors
#include <kiln/dsl/dsl.hpp>

using namespace kiln;
using namespace kiln::literals;

// clang-format off
inline constexpr auto lenet5_logits = [](auto image) {
    return image | conv(6_c, 5_c, same) | relu | max_pool(2_c)
                 | conv(16_c, 5_c)      | relu | max_pool(2_c)
                 | dense(120_c) | relu | dense(84_c) | relu | dense(10_c);
};
inline constexpr auto lenet5 = [](auto image) { return lenet5_logits(image) | softmax; };

// What is learned from an image and the number of its class.
inline constexpr auto lenet5_cost = [](auto image, auto label) {
    auto logits = lenet5_logits(image);
    return outputs("cost"_n = cross_entropy(logits, label), "logits"_n = logits);
};
// clang-format on

static_assert(network<lenet5, shape<28, 28, 1>>::parameters == 61'706);
static_assert(std::is_same_v<network<lenet5, shape<28, 28, 1>>::output, shape<10>>);

KILN_EXPORT(lenet5, shape<28, 28, 1>);
KILN_EXPORT(lenet5_cost, shape<28, 28, 1>, shape<1>);
