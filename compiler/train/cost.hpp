// The numbers a step descends on, as nodes of its graph.
#pragma once

#include <kiln/compiler/ir/builder.hpp>

namespace kiln::train {

/// The output called "cost", or the only one. Throws kiln::error that says which outputs there are.
const ir::output& cost_output(const ir::graph& g);

/// The sum of x's elements: of each sample, then the mean over the batch.
ir::node_id batch_mean(ir::builder& b, ir::node_id x);

/// Of all elements of x, which has no batch.
ir::node_id sum_of_squares(ir::builder& b, ir::node_id x);

}  // namespace kiln::train
