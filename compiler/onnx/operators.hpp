// How ONNX's operators become Kiln's: a table from name to function. A new operator is a function in one of the
// files beside this one and a line in operators.def. Nothing the file says can be trusted: what a function makes of
// shapes or copies of constants it asks importer::spend for first.
#pragma once

#include <string_view>

#include <kiln/compiler/onnx/importer.hpp>

namespace kiln::onnx {

/// Adds `n` to the graph and returns what its outputs stand for; those missing at the end are not computed. Throws
/// refusal.
using operator_function = results (*)(importer& to, const node_view& n);

/// Null for an operator that is not taken.
operator_function find_operator(std::string_view name);

#define KILN_ONNX_OPERATOR(name, function) results function(importer& to, const node_view& n);
#include <kiln/compiler/onnx/operators.def>
#undef KILN_ONNX_OPERATOR

}  // namespace kiln::onnx
