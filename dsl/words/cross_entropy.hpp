// cross_entropy(logits, label) and binary_cross_entropy(logits, label): how unlikely a classifier finds the truth. Both
// take what goes into softmax or sigmoid, not what comes out: the two together are exact where one after the other
// would round a small probability to 0.
#pragma once

#include <kiln/dsl/words/cost.hpp>

namespace kiln::dsl {

/// -log softmax(logits)[label] over the channels, summed over positions. The label is a class number in one channel,
/// or the share of every class.
struct cross_entropy_cost : cost_word<cross_entropy_cost, 2> {
    static constexpr mistake misuse(const dims& logits, const dims& label) {
        if (logits.channels() < 2) return mistake::one_class;
        if (logits.rank != label.rank) return mistake::label_shape;
        for (int axis = 0; axis + 1 < logits.rank; ++axis)
            if (logits[axis] != label[axis]) return mistake::label_shape;
        return label.channels() == 1 || label.channels() == logits.channels() ? mistake::none : mistake::label_shape;
    }

    template <class Logits, class Label>
    constexpr auto of(const Logits& logits, const Label& label) const {
        const auto largest = reduce_layer<reduce_function::log_sum_exp, -1>{}(logits);
        if constexpr (Label::extents.channels() == 1) {
            constexpr std::int32_t classes = Logits::extents.channels();
            std::array<float, classes> numbers{};
            for (std::int32_t k = 0; k < classes; ++k) numbers[static_cast<std::size_t>(k)] = static_cast<float>(k);
            const auto number = given<shape<classes>>(logits.graph, numbers);
            const auto chosen = where(compare<binary_function::equal>(label, number), logits, 0);
            return summed(largest - reduce_layer<reduce_function::sum, -1>{}(chosen));
        } else {
            return summed(label * (largest - logits));
        }
    }
};
inline constexpr cross_entropy_cost cross_entropy{};

/// -y log(p) - (1 - y) log(1 - p) with p = sigmoid(logit), summed over all elements.
struct binary_cross_entropy_cost : cost_word<binary_cross_entropy_cost, 2> {
    static constexpr mistake misuse(const dims& logits, const dims& label) { return same_shapes(logits, label); }

    template <class Logits, class Label>
    constexpr auto of(const Logits& logits, const Label& label) const {
        return summed(softplus(logits) - logits * label);
    }
};
inline constexpr binary_cross_entropy_cost binary_cross_entropy{};

}  // namespace kiln::dsl
