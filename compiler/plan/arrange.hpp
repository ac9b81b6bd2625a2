// Operators that only arrange values, as changes of a view: no element moves.
#pragma once

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/plan/layout.hpp>

namespace kiln::plan {

/// The view of `n`'s value, when that of its operand is `operand`. Requires only_arranges(g, n).
strided arranged(const ir::graph& g, const ir::node& n, const strided& operand);

/// Whether the result's channels lie side by side in memory, and no axis runs backwards, where the operand's do.
bool keeps_channels(const ir::graph& g, const ir::node& n);

}  // namespace kiln::plan
