// Softmax over the channels, at every spatial position: y[c] = exp(x[c] - max x) / sum over k of exp(x[k] - max x).
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct softmax : elementwise<1, 5> {};

}  // namespace kiln::ops

namespace kiln::dsl {

/// x | softmax
inline constexpr plain_layer<ops::softmax> softmax{};

}  // namespace kiln::dsl
