// LeNet-5 with its cost.
#pragma once

#include <kiln/dsl/dsl.hpp>

namespace kiln::testing {

using namespace kiln::literals;

inline constexpr auto lenet5_logits = [](auto image) {
    return image | conv(6_c, 5_c, same) | relu | max_pool(2_c) | conv(16_c, 5_c) | relu | max_pool(2_c) | dense(120_c) |
           relu | dense(84_c) | relu | dense(10_c);
};
inline constexpr auto lenet5_cost = [](auto image, auto label) {
    auto logits = lenet5_logits(image);
    return outputs("cost"_n = cross_entropy(logits, label), "logits"_n = logits);
};

inline graph_view lenet5_cost_view() { return network<lenet5_cost, shape<28, 28, 1>, shape<1>>::view("lenet5_cost"); }

}  // namespace kiln::testing
