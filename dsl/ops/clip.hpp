// Limits values to a range: y = min(max(x, low), high). relu6 is clip(0, 6) (Krizhevsky 2010, Convolutional Deep Belief
// Networks on CIFAR-10, section 4).
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct clip {
    struct attributes {
        float low = std::numeric_limits<float>::lowest();
        float high = std::numeric_limits<float>::max();
    };

    /// Written so that bounds which are no numbers are refused too.
    static constexpr fault check(const attributes& a) { return a.low <= a.high ? fault::none : fault::bounds_reversed; }

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (const fault wrong = check(a); wrong != fault::none) return refuse(wrong);
        return elementwise_shape(in, 1);
    }

    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, 2 * out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

struct clip_layer : layer<clip_layer> {
    using rules = ops::clip;
    ops::clip::attributes bounds;

    static constexpr ops::clip::attributes attributes_on(const dims&) { return {}; }
    constexpr ops::clip::attributes complete() const { return bounds; }
    constexpr fault refusal() const { return ops::clip::check(bounds); }
};

/// x | clip(-1, 1). Alone it is refused: there are no usual bounds.
struct clip_without_bounds : layer<clip_without_bounds> {
    using rules = ops::clip;
    using layer<clip_without_bounds>::operator();

    static constexpr mistake misuse(const dims&) { return mistake::no_bounds; }
    static constexpr ops::clip::attributes attributes_on(const dims&) { return {}; }

    constexpr clip_layer operator()(number auto low, number auto high) const {
        clip_layer made;
        made.bounds = {static_cast<float>(low), static_cast<float>(high)};
        return made;
    }
};
inline constexpr clip_without_bounds clip{};

/// x | relu6
inline constexpr clip_layer relu6 = clip(0, 6);

}  // namespace kiln::dsl
