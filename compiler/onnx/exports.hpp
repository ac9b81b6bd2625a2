// How Kiln's operators become ONNX's: one function per operator, export_STEM, in one of the files beside this one. It
// adds nodes that compute `n`, the node begun last, and defines it. An operator of ops.def without one is an error of
// the linker that names it.
#pragma once

#include <kiln/compiler/onnx/exporter.hpp>

namespace kiln::onnx {

#define KILN_OPERATOR(stem) void export_##stem(exporter& to, const ir::node& n);
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR

}  // namespace kiln::onnx
