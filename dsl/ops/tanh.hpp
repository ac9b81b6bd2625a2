// Hyperbolic tangent: y = (exp(x) - exp(-x)) / (exp(x) + exp(-x)).
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct tanh : elementwise<1, 4> {};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | tanh. With <cmath> included, write kiln::tanh: the C library has a ::tanh of its own.
inline constexpr plain_layer<ops::tanh> tanh{};

}  // namespace kiln::dsl
