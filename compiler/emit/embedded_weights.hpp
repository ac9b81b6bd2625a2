// Weights as a read-only section of the object. The assembler takes them in from their file (.incbin), so that half a
// gigabyte never becomes LLVM IR.
#pragma once

#include <llvm/IR/Module.h>

#include <cstdint>
#include <string>

namespace kiln::compiler {

/// Defines NAME_weights, 64-byte aligned, with the bytes that `file` holds when code is generated. Throws kiln::error
/// when it cannot be read or does not have `bytes` bytes.
void embed_weights(llvm::Module& module, const std::string& function_name, const std::string& file, std::int64_t bytes);

}  // namespace kiln::compiler
