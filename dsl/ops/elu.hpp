// Exponential linear unit: y = x where x > 0, alpha * (exp(x) - 1) elsewhere.
// (Clevert, Unterthiner and Hochreiter 2015, arXiv:1511.07289, equation 15.)
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct elu {
    struct attributes {
        float alpha = 1.0F;
    };
    static constexpr inferred infer(const attributes&, std::span<const dims> in) { return elementwise_shape(in, 1); }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, 4 * out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | elu, or with another alpha x | elu(0.5).
struct elu_layer : layer<elu_layer> {
    using rules = ops::elu;
    using layer<elu_layer>::operator();
    float alpha = ops::elu::attributes{}.alpha;

    static constexpr ops::elu::attributes attributes_on(const dims&) { return {}; }
    constexpr ops::elu::attributes complete() const { return {alpha}; }

    constexpr elu_layer operator()(number auto other_alpha) const {
        elu_layer changed;
        changed.alpha = static_cast<float>(other_alpha);
        return changed;
    }
};
inline constexpr elu_layer elu{};

}  // namespace kiln::dsl
