// Moves a relu behind the max pooling that alone reads it: it is monotonic, so the largest value is the same.
//
//   %3 = relu %2                        %3 = max_pool %2
//   %4 = max_pool %3             ->     %4 = relu %3
//
// No row of the pipeline: a kernel applies a relu for nothing where it writes its result. Differentiated, a relu is a
// kernel of its own that reads two tensors and writes one, and behind the pooling these are a quarter as large. Values
// and gradients stay the same, bit for bit: of a window without a positive value the relu passes nothing on, whichever
// place had its maximum.
//
// Requires: a verified graph. Ensures: windows with gaps, which may lie in padding altogether, and relus that are
// outputs or read by others stay as they are.
#pragma once

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::passes {

ir::graph pool_before_relu(const ir::graph& g);

}  // namespace kiln::passes
