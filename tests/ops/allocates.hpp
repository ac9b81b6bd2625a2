// Kernels allocate nothing (docs/design.md): what their bitcode calls says so.
#pragma once

#include <string>

namespace kiln::testing {

inline bool allocates(const std::string& bitcode) { return bitcode.find("halide_malloc") != bitcode.npos; }

}  // namespace kiln::testing
