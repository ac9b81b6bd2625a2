// A dense layer reads its input in memory order, whatever its rank: a flatten before it does nothing.
//
//   %1 = flatten %0 : 1x5x5x16 -> 1x400
//   %4 = dense %1, %2, %3               ->  %3 = dense %0, %1, %2
//
// Requires: a verified graph. Ensures: no dense reads a flatten. A flatten that others read too stays for them.
#pragma once

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::passes {

ir::graph flatten_into_dense(ir::graph g);

}  // namespace kiln::passes
