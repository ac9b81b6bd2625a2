// Logistic sigmoid: y = 1 / (1 + exp(-x)).
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct sigmoid : elementwise<1, 3> {};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | sigmoid
inline constexpr plain_layer<ops::sigmoid> sigmoid{};

}  // namespace kiln::dsl
