// Partition: which nodes become one kernel. A group is an anchor (convolution, dense layer, pooling, softmax,
// upsampling, or a plain copy) followed by the element-wise operators that are applied before its value is stored.
//
//   conv -> batch_norm -> add(shortcut) -> relu        before: four nodes        after: one group
#pragma once

#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::plan {

struct group {
    ir::node_id anchor = -1;            // -1: the group starts by copying `source`
    ir::node_id source = -1;            // anchor == -1: the activation the first epilogue node is applied to
    std::vector<ir::node_id> epilogue;  // element-wise nodes, in order

    /// The node whose value the group stores.
    ir::node_id result() const { return epilogue.empty() ? anchor : epilogue.back(); }
};

/// Groups in an order in which they can run: by result. Inputs, weights, concat and flatten belong to none.
std::vector<group> partition(const ir::graph& g);

}  // namespace kiln::plan
