// Rectified linear unit: y = max(x, 0).
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct relu : elementwise<1, 1> {};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | relu
inline constexpr plain_layer<ops::relu> relu{};

}  // namespace kiln::dsl
