// How alike two encodings f(x) are. triplet_loss(anchor, positive, negative, margin) is a cost; absolute_difference and
// chi_square are what a binary classifier of "same or different" sees of a pair:
//   binary_cross_entropy(absolute_difference(a, b) | dense(1_c), same)
#pragma once

#include <kiln/dsl/words/cost.hpp>

namespace kiln::dsl {

/// max(|a - p|^2 - |a - n|^2 + margin, 0): Schroff, Kalenichenko, Philbin 2015, arXiv:1503.03832, equation 3.
struct triplet_loss_cost : cost_word<triplet_loss_cost, 3> {
    float margin = 0.2F;

    static constexpr mistake misuse(const dims& a, const dims& p, const dims& n) {
        return a == p && a == n ? mistake::none : mistake::cost_shapes;
    }

    template <class X>
    constexpr auto of(const X& a, const X& p, const X& n) const {
        return maximum(squared_distance(a, p) - squared_distance(a, n) + margin, 0);
    }
};

/// triplet_loss(anchor, positive, negative), with the paper's margin of 0.2 or another.
template <class A, class P, class N, number Margin = float>
constexpr auto triplet_loss(const A& a, const P& p, const N& n, Margin margin = 0.2F) {
    triplet_loss_cost loss;
    loss.margin = static_cast<float>(margin);
    return loss(a, p, n);
}

struct absolute_difference_word : cost_word<absolute_difference_word, 2> {
    static constexpr mistake misuse(const dims& x, const dims& y) { return same_shapes(x, y); }
    template <class X>
    constexpr auto of(const X& x, const X& y) const {
        return abs(x - y);
    }
};
/// |x - y|, element by element.
inline constexpr absolute_difference_word absolute_difference{};

struct chi_square_word : cost_word<chi_square_word, 2> {
    static constexpr mistake misuse(const dims& x, const dims& y) { return same_shapes(x, y); }
    template <class X>
    constexpr auto of(const X& x, const X& y) const {
        const auto difference = x - y;
        return difference * difference / maximum(x + y, 1e-6F);
    }
};
/// (x - y)^2 / (x + y), element by element, of encodings that are not negative (after relu or sigmoid): Taigman et al.
/// 2014, "DeepFace", section 4.1. Where both are 0, it is 0.
inline constexpr chi_square_word chi_square{};

}  // namespace kiln::dsl
