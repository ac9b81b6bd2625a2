// What training sometimes drops: y = x. The trainer makes each element 0 with probability `rate` and divides the others
// by 1 - rate, so that what is expected stays the same (Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov 2014,
// Journal of Machine Learning Research 15). Elsewhere nothing happens.
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct dropout {
    struct attributes {
        float rate = 0.5F;
    };

    /// Written so that a rate which is no number is refused too.
    static constexpr fault check(const attributes& a) {
        return a.rate >= 0 && a.rate < 1 ? fault::none : fault::dropout_rate;
    }

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (const fault wrong = check(a); wrong != fault::none) return refuse(wrong);
        return elementwise_shape(in, 1);
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | dropout, or with another rate than a half x | dropout(0.2).
struct dropout_layer : layer<dropout_layer> {
    using rules = ops::dropout;
    using layer<dropout_layer>::operator();
    float rate = ops::dropout::attributes{}.rate;

    static constexpr ops::dropout::attributes attributes_on(const dims&) { return {}; }
    constexpr ops::dropout::attributes complete() const { return {rate}; }
    constexpr fault refusal() const { return ops::dropout::check({rate}); }

    constexpr dropout_layer operator()(number auto other_rate) const {
        dropout_layer changed;
        changed.rate = static_cast<float>(other_rate);
        return changed;
    }
};
inline constexpr dropout_layer dropout{};

}  // namespace kiln::dsl
