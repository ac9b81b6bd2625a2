// A graph as text, one node a line, stable enough for golden files: what --dump-after prints.
#pragma once

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::ir {

std::string print(const graph& g);

/// The graph in Graphviz's language: operators as boxes with their shapes, weights left out.
std::string print_dot(const graph& g);

}  // namespace kiln::ir
