// Computes what depends on weights alone.
//
//   %1 = constant {2, 3}                   %1 = constant {3, 2}
//   %2 = transpose %1             ->
//
// The operators' references do it, so a folded value is what the network's definition says, not what a kernel rounds.
//
// Requires: a verified graph, parameters with values. Ensures: every operator without a batch has an operand that is
// computed from an input. Throws kiln::error where weights of this size cannot ask for so much
// (compiler/ops/folding.hpp).
#pragma once

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::passes {

ir::graph fold_constants(ir::graph g);

}  // namespace kiln::passes
