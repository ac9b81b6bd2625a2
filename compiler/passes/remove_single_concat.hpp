// A concatenation of one tensor is that tensor.
//
//   %1 = concat %0
//   %2 = relu %1     ->  %1 = relu %0
//
// Requires: a verified graph. Ensures: every concat has at least two operands, except one whose
// operand is a parameter or constant (those have no batch, the concat has).
#pragma once

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::passes {

ir::graph remove_single_concat(ir::graph g);

}  // namespace kiln::passes
