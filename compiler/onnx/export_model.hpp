// From the compiler's graph to an ONNX file (IR version 8, operator set 18).
//
// Kiln's layers have channels last, ONNX's have them first. Images are put in and out channels first, with the batch
// that the graph has; tensors without a batch keep their axes. Weights are transposed while exporting, values only
// where an operator reads them in memory order.
#pragma once

#include <functional>

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/runtime/bytes.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {

/// Hands the file's bytes to `write`, piece by piece. Requires a verified graph whose weights are bound. Throws
/// kiln::error when it would be larger than 2 GB, before the first piece.
void export_model(const ir::graph& g, const std::function<void(byte_view)>& write);

/// A value of an input or output, as the exported model takes and gives it.
tensor as_exported(const tensor& value, const ir::node& port);

}  // namespace kiln::onnx
