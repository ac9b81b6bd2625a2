// Hard swish, silu with straight pieces for its sigmoid: y = x * max(0, min(1, x / 6 + 1 / 2)).
// (Howard et al. 2019, arXiv:1905.02244, section 5.2.)
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct hard_swish : elementwise<1, 5> {};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | hard_swish
inline constexpr plain_layer<ops::hard_swish> hard_swish{};

}  // namespace kiln::dsl
