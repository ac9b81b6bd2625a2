// In which order a step is computed: each parameter is updated as soon as its gradient is there. The gradient is still
// in a cache then, and its memory is free for the next.
//
//   forward, dW2, db2, dW1, db1, W1', b1', W2', b2'    ->    forward, dW2, W2', db2, b2', dW1, W1', db1, b1'
#pragma once

#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::train {

/// What is no input, in that order. Nodes from `update_begin` on are the update; those that need nothing from before it
/// but inputs come first.
std::vector<ir::node_id> computed_in_order(const ir::graph& g, const std::vector<ir::node_id>& gradients,
                                           ir::node_id update_begin);

/// The graph with exactly these nodes, in this order, in which operands come before their readers.
ir::graph reordered(const ir::graph& g, const std::vector<ir::node_id>& order);

}  // namespace kiln::train
