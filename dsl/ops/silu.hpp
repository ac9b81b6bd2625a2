// Sigmoid-weighted linear unit, also called swish: y = x / (1 + exp(-x)).
// (Elfwing, Uchibe and Doya 2017, arXiv:1702.03118, equation 6.)
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct silu : elementwise<1, 4> {};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | silu
inline constexpr plain_layer<ops::silu> silu{};

}  // namespace kiln::dsl
