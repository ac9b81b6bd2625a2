// squared_error(prediction, target), and x | l2: half the squared length, a cost that keeps activations small. (Weights
// are kept small by the trainer: train::trainer_options::l2.)
#pragma once

#include <kiln/dsl/words/cost.hpp>

namespace kiln::dsl {

/// The sum of (prediction - target)^2.
struct squared_error_cost : cost_word<squared_error_cost, 2> {
    static constexpr mistake misuse(const dims& prediction, const dims& target) {
        return same_shapes(prediction, target);
    }

    template <class Prediction, class Target>
    constexpr auto of(const Prediction& prediction, const Target& target) const {
        return squared_distance(prediction, target);
    }
};
inline constexpr squared_error_cost squared_error{};

struct l2_block : composition<l2_block> {
    template <class X>
    constexpr auto on(const X& x) const {
        return summed(x * x) * 0.5F;
    }
};
/// x | l2: the sum of x^2 / 2.
inline constexpr l2_block l2{};

}  // namespace kiln::dsl
