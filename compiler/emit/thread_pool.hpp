// The thread pool that is linked into objects, as LLVM bitcode: see thread_pool.c.
#pragma once

#include <kiln/compiler/emit/llvm_compat.hpp>
#include <string_view>

namespace kiln::compiler {

/// For the architecture of `module`, which is one of those that `resolve_target` accepts.
std::string_view thread_pool_bitcode(const llvm::Module& module);

}  // namespace kiln::compiler
