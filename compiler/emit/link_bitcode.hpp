// Kernels and runtime, each a module of its own, become one module in which only what is asked for stays.
#pragma once

#include <llvm/IR/Module.h>

#include <kiln/compiler/build/build_kernels.hpp>
#include <memory>
#include <span>
#include <string>

namespace kiln::compiler {

/// The kernels, internal, compiled for the processor their bitcode names; Halide's runtime, weak so that several models
/// in one program share one thread pool, compiled for any processor of the architecture.
///
/// Nothing but the kernels and the runtime's controls (halide_set_num_threads, halide_shutdown_thread_pool) is kept
/// unless it is used: run drop_unused once the driver is in.
std::unique_ptr<llvm::Module> link_bitcode(llvm::LLVMContext& context, const std::string& module_name,
                                           std::span<const built_kernel> kernels, const std::string& runtime);

/// Removes every definition that no exported one needs.
void drop_unused(llvm::Module& module);

}  // namespace kiln::compiler
