// kiln::differentiate: a graph that computes gradients, for C++ users. Link Kiln::compiler.
//
//   auto g = kiln::differentiate(network<cost, shape<28, 28, 1>, shape<1>>::view("cost"), "cost", {"conv1.weight",
//   "input0"}); auto step = kiln::compile(std::move(g));     // outputs: the network's own, "conv1.weight.gradient",
//   ...
//
// What comes back is an ordinary graph: it is compiled, written as an object file, printed and exported as any other.
#pragma once

#include <string>
#include <vector>

#include <kiln/compiler/ir/from_view.hpp>
#include <kiln/compiler/ir/graph.hpp>

namespace kiln {

/// `g` with more outputs behind its own: for each name in `wrt`, which is an input's or a parameter's, NAME.gradient.
///
/// A gradient is that of the mean over the batch of the sum of the elements that output `cost` has in each sample. It
/// has the shape of what it belongs to: an input's has the batch, each sample with its share of the mean; a
/// parameter's has none and sums what all samples contribute.
///
/// Throws kiln::error naming what is not there, is no float32, or cannot be differentiated through.
ir::graph differentiate(ir::graph g, const std::string& cost, const std::vector<std::string>& wrt);

/// The same of a network made by the DSL, for `batch` samples.
inline ir::graph differentiate(const graph_view& g, const std::string& cost, const std::vector<std::string>& wrt,
                               int batch = 1) {
    return differentiate(ir::from_view(g, batch), cost, wrt);
}

}  // namespace kiln
