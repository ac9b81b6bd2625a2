// A node's attributes for people: only what differs from the default, so that a plain convolution reads
// "filters=64 window=3x3 pad=1". Lists one entry per attribute, in the order of the operator's attribute struct.
#pragma once

#include <string>
#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::ir {

/// `n` must have an operator that exists; its attributes may be any words.
std::vector<std::string> attribute_texts(const node& n);

}  // namespace kiln::ir
