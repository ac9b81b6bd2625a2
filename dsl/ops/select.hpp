// Chooses element by element: y = condition ? a : b, operands stretched to one shape.
#pragma once

#include <kiln/dsl/ops/elementwise.hpp>
#include <kiln/dsl/pointwise.hpp>

namespace kiln::ops {

/// Operands: the condition (boolean), a and b (of one type).
struct select : elementwise<3, 1> {
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        if (in.size() != 3 || in[0] != element::boolean || in[1] != in[2]) return std::nullopt;
        return in[1];
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// where(x > y, a, b): a where the condition holds, else b. Either may be a number.
template <class Condition, class A, class B>
constexpr auto where(const Condition& condition, const A& a, const B& b) {
    if constexpr (is_condition<Condition>) {
        return pointwise<ops::select>(condition.truth, a, b);
    } else {
        report<mistaken<mistake::not_a_condition, Condition>>();
        return tensor_of<unknown>{};
    }
}

}  // namespace kiln::dsl
