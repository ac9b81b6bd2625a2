// Runs a whole graph by the operators' references: slow, plain, the judge of everything that is compiled.
#pragma once

#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::compiler {

/// The graph's outputs, in order, for `inputs` (dense, batch first). Weights must be bound.
std::vector<tensor> run_reference(const ir::graph& g, const std::vector<tensor>& inputs);

}  // namespace kiln::compiler
