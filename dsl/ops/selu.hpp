// Scaled exponential linear unit: y = gamma * x where x > 0, gamma * alpha * (exp(x) - 1) elsewhere, with the two
// constants that keep activations at mean 0 and variance 1, rounded as ONNX's Selu has them.
// (Klambauer et al. 2017, arXiv:1706.02515, equation 2.)
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct selu : elementwise<1, 5> {
    static constexpr double alpha = 1.67326319217681884765625, gamma = 1.05070102214813232421875;
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | selu
inline constexpr plain_layer<ops::selu> selu{};

}  // namespace kiln::dsl
