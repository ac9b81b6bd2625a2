// Random graphs to ONNX and back: the imported graph's reference must make what the graph's own does. KILN_CASES and
// KILN_SEED are those of differential.cpp. With KILN_EXPORT_FOLDER the models, inputs and expected outputs are left
// there, in folders of their own, for ONNX Runtime to compute (tests/bench/exported.py).
#pragma once

#include <string>

#include "cases.hpp"

namespace kiln::testing {

/// Checks what `make` makes of several seeds.
void check_exports(const std::string& name, ir::graph (*make)(dice&, int batch));

}  // namespace kiln::testing
