// Appends the gradients of a cost to a graph, by going backwards over it (Griewank and Walther 2008, Evaluating
// Derivatives, chapter 3.2: reverse mode).
//
//   %2 = multiply %0, %1                      %2 = multiply %0, %1
//   %3 = reduce {sum} %2          ->          %3 = reduce {sum} %2
//                                             %7 = multiply %6, %1            (%6: the gradient at %2)
//
// What is differentiated is J, a number: the mean over the batch of the sum of the cost's elements in each sample; for
// a cost without batch the sum of its elements. A gradient has its node's shape: batched where the node is, whole for
// parameters, constants and whole nodes, which get the sum of what all samples contribute.
//
// An operator's gradient is in its stem, compiler/ops/STEM.cpp. Where an operator is piecewise constant (rounding,
// comparing, converting to whole numbers) the path ends; nodes that J does not change with have zeros as gradients.
#pragma once

#include <span>
#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::passes {

struct differentiated {
    ir::graph graph;                       // what was there, with its ids and outputs, and what was appended
    std::vector<ir::node_id> gradients{};  // of each node asked for, in their order
};

/// Requires: a verified graph; `cost` and `wrt` are float32. Throws kiln::error that names the layer whose operator has
/// no gradient and lies between.
differentiated differentiate(ir::graph g, ir::node_id cost, std::span<const ir::node_id> wrt);

}  // namespace kiln::passes
