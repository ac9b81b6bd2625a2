// Leaky rectified linear unit: y = x where x > 0, slope * x elsewhere.
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct leaky_relu {
    struct attributes {
        float slope = 0.01F;
    };
    static constexpr inferred infer(const attributes&, std::span<const dims> in) { return elementwise_shape(in, 1); }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, 2 * out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | leaky_relu, or with another slope x | leaky_relu(0.1).
struct leaky_relu_layer : layer<leaky_relu_layer> {
    using rules = ops::leaky_relu;
    using layer<leaky_relu_layer>::operator();
    float slope = ops::leaky_relu::attributes{}.slope;

    static constexpr ops::leaky_relu::attributes attributes_on(const dims&) { return {}; }
    constexpr ops::leaky_relu::attributes complete() const { return {slope}; }

    constexpr leaky_relu_layer operator()(number auto other_slope) const {
        leaky_relu_layer changed;
        changed.slope = static_cast<float>(other_slope);
        return changed;
    }
};
inline constexpr leaky_relu_layer leaky_relu{};

}  // namespace kiln::dsl
