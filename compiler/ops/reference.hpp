// Runs a whole graph by the operators' references: slow, plain, the judge of everything that is compiled.
#pragma once

#include <span>
#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::compiler {

/// One operator on whole operands, as its shape rule sees them: the dims of a sample, or of a tensor without a batch.
tensor evaluate(op kind, const attribute_words& words, std::span<const tensor* const> in, const dims& shape,
                element type);

/// The graph's outputs, in order, for `inputs` (dense, batch first). Weights must be bound.
std::vector<tensor> run_reference(const ir::graph& g, const std::vector<tensor>& inputs);

}  // namespace kiln::compiler
