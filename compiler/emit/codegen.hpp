// From an LLVM module to an object file's bytes.
#pragma once

#include <llvm/IR/Module.h>

#include <string>

namespace kiln::compiler {

/// Sets the module's data layout and checks its target: 64-bit ELF on x86-64 or AArch64. Throws kiln::error.
void prepare_for_target(llvm::Module& module);

/// Position-independent code, for each function's own processor, by default the architecture's oldest.
std::string generate_object(llvm::Module& module);

}  // namespace kiln::compiler
