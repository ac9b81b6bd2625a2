// Works batch normalisation into the convolution or dense layer before it.
//
//   %3 = conv %0, %1, %2
//   %8 = batch_norm %3, %4, %5, %6, %7   ->   %3 = conv %0, %1, %2     with %1, %2 constants:
//
//   weight'[..., f] = weight[..., f] * s[f],   bias'[f] = (bias[f] - mean[f]) * s[f] + shift[f],
//   s[f] = scale[f] / sqrt(variance[f] + epsilon),   bias = 0 where the layer has none.
//
// The filter axis is the last one of every weight, so groups and flip need no care. Computed in double. Layers that
// share all their weights share the folded ones. The new layer keeps the convolution's name; its weights are called
// "NAME.weight (folded)" and "NAME.bias (folded)".
//
// Requires: a verified graph. Ensures: no batch_norm is the only reader of a conv or dense, when the layer is not an
// output itself and all weights involved have values; others stay as they are.
#pragma once

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::passes {

ir::graph fold_batch_norm(ir::graph g);

}  // namespace kiln::passes
