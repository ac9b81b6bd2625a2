// Makes a graph of the flat view a DSL plug-in exports. The view is untrusted: versions, counts, ranges, ids and text
// are checked before use, then the result is verified (compiler/ir/verify.hpp).
#pragma once

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/dsl/graph_view.hpp>

namespace kiln::ir {

/// The graph of `view` for `batch` samples at a time (1 or more). Throws kiln::error.
graph from_view(const graph_view& view, int batch = 1);

}  // namespace kiln::ir
