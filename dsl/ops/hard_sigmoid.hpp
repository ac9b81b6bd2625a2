// Hard sigmoid, a sigmoid of three straight pieces: y = max(0, min(1, alpha * x + beta)). The defaults are those of
// ONNX's HardSigmoid.
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct hard_sigmoid {
    struct attributes {
        float alpha = 0.2F;
        float beta = 0.5F;
    };
    static constexpr inferred infer(const attributes&, std::span<const dims> in) { return elementwise_shape(in, 1); }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, 4 * out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | hard_sigmoid, or with another slope and offset x | hard_sigmoid(0.25, 0.5).
struct hard_sigmoid_layer : layer<hard_sigmoid_layer> {
    using rules = ops::hard_sigmoid;
    using layer<hard_sigmoid_layer>::operator();
    ops::hard_sigmoid::attributes values;

    static constexpr ops::hard_sigmoid::attributes attributes_on(const dims&) { return {}; }
    constexpr ops::hard_sigmoid::attributes complete() const { return values; }

    constexpr hard_sigmoid_layer operator()(number auto alpha, number auto beta) const {
        hard_sigmoid_layer changed;
        changed.values = {static_cast<float>(alpha), static_cast<float>(beta)};
        return changed;
    }
};
inline constexpr hard_sigmoid_layer hard_sigmoid{};

}  // namespace kiln::dsl
