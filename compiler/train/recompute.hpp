// Activations computed again where the backward half of a step reads them, instead of being kept from the forward half
// (Chen, Xu, Zhang, Guestrin 2016, arXiv:1604.06174, section 4: about sqrt(n) segments of n layers).
//
//   %1 = conv %0                           %1 = conv %0
//   %2 = conv %1                           %2 = conv %1                  (read beyond its segment: kept)
//   %3 = conv %2                           %3 = conv %2
//   %7 = filter_gradient %2, %6     ->     %7 = filter_gradient %2, %6
//   %8 = filter_gradient %1, %7            %8 = conv %0
//                                          %9 = filter_gradient %8, %7
//
// The forward half is cut into segments. What a later segment reads is kept, and so is the last segment, which is read
// next. All else of a segment is computed again from what was kept, just before its first reader. Whole tensors, such
// as statistics of a batch, are kept: they are small.
#pragma once

#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::train {

struct recomputed {
    ir::graph graph;
    std::vector<ir::node_id> where;  // for each node of the old graph
};

/// Nodes before `forward_end` are the forward half; they keep their ids.
recomputed recompute_activations(const ir::graph& g, ir::node_id forward_end);

}  // namespace kiln::train
