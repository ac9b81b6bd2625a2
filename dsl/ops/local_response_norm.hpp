// Local response normalisation over `size` neighbouring channels, at every spatial position:
//   y[c] = x[c] / (bias + alpha / size * sum over k of x[k]^2)^beta,
//   k from c - floor((size - 1) / 2) to c + ceil((size - 1) / 2), as far as there are channels.
// (Krizhevsky, Sutskever and Hinton 2012, section 3.3; as ONNX's LRN, which divides alpha by size, as the paper does
// not.)
#pragma once

#include <kiln/dsl/constant.hpp>
#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

#include <algorithm>

namespace kiln::ops {

struct local_response_norm {
    struct attributes {
        std::int32_t size = 1;
        float alpha = 1e-4F;
        float beta = 0.75F;
        float bias = 1.0F;

        /// Channels of the window before and after its own.
        constexpr std::int32_t before() const { return (size - 1) / 2; }
        constexpr std::int32_t after() const { return size / 2; }
    };

    /// With these signs the power is one of a positive number. Written so that what is no number is refused too.
    static constexpr fault check(const attributes& a) {
        return a.alpha >= 0 && a.bias > 0 ? fault::none : fault::norm_not_positive;
    }

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (a.size < 1) return refuse(fault::window_below_one);
        if (const fault wrong = check(a); wrong != fault::none) return refuse(wrong);
        return elementwise_shape(in, 1);
    }

    static constexpr kiln::cost cost(const attributes& a, std::span<const dims>, const dims& out) {
        const std::int64_t window = std::min(a.size, out.channels());
        return {0, (2 * window + 4) * out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

template <std::int32_t Size>
struct local_response_norm_layer : layer<local_response_norm_layer<Size>> {
    using rules = ops::local_response_norm;
    ops::local_response_norm::attributes values{.size = Size};

    static constexpr ops::local_response_norm::attributes attributes_on(const dims&) { return {.size = Size}; }
    constexpr ops::local_response_norm::attributes complete() const { return values; }
    constexpr fault refusal() const { return ops::local_response_norm::check(values); }
};

/// x | local_response_norm(5_c), or with other values than the usual ones x | local_response_norm(5_c, 5e-4, 0.75, 2):
/// size, alpha, beta, bias.
template <class Size, number Alpha = double, number Beta = double, number Bias = double>
constexpr auto local_response_norm(const Size&, Alpha alpha = 1e-4, Beta beta = 0.75, Bias bias = 1) {
    if constexpr (constant<Size>) {
        local_response_norm_layer<value_of<Size>> made;
        made.values.alpha = static_cast<float>(alpha);
        made.values.beta = static_cast<float>(beta);
        made.values.bias = static_cast<float>(bias);
        return made;
    } else {
        report<mistaken<mistake::not_a_constant, Size>>();
        return refused_value{};
    }
}

}  // namespace kiln::dsl
