// Gaussian error linear unit, the exact form: y = x * P(X <= x) = x / 2 * (1 + erf(x / sqrt(2))), X standard normal.
// (Hendrycks and Gimpel 2016, arXiv:1606.08415, section 2.)
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct gelu : elementwise<1, 5> {};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | gelu
inline constexpr plain_layer<ops::gelu> gelu{};

}  // namespace kiln::dsl
