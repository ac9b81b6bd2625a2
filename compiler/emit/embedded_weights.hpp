// Weights as a read-only section at the end of the object, appended by whoever writes the file: hundreds of megabytes
// never become LLVM IR and are not copied through the assembler.
#pragma once

#include <llvm/IR/Module.h>

#include <cstdint>
#include <string>

namespace kiln::compiler {

/// Defines NAME_weights, 64-byte aligned, in a section that reserves `bytes` bytes and holds none yet.
void reserve_weights(llvm::Module& module, const std::string& function_name, std::int64_t bytes);

/// reserved section -> section whose bytes follow: pads `object` to the place where the weights begin and notes that
/// place in the section's header. The object is complete once the weights are appended.
void expect_weights_at_end(std::string& object, const std::string& function_name);

}  // namespace kiln::compiler
