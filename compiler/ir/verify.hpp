// Checks a whole graph: operands exist and precede their users, every shape follows from its operands by the
// operator's shape rule, outputs exist and have distinct names, parameters with one name are one node, extents are
// positive and small enough to index. Runs after every import and every pass.
//
// Throws kiln::error naming the graph, the node, its operator and shapes, and the rule that is broken.
#pragma once

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::ir {

void verify(const graph& g);

}  // namespace kiln::ir
