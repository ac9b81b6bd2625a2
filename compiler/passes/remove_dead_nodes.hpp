// Drops every node that no output depends on.
//
//   %1 = relu %0          %1 = relu %0
//   %2 = sigmoid %0   ->  output "y" = %1
//   output "y" = %1
//
// Requires: a verified graph. Ensures: every node but an input is read, or is an output. Inputs stay even when unread:
// they are the model's signature.
#pragma once

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::passes {

ir::graph remove_dead_nodes(ir::graph g);

}  // namespace kiln::passes
