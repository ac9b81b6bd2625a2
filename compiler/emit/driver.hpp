// The driver: the model's one entry point, which checks its arguments and walks through the steps of the plan.
#pragma once

#include <llvm/IR/Module.h>

#include <kiln/compiler/emit/emit.hpp>

namespace kiln::compiler {

/// Adds NAME_execute (see emit.hpp) to a module that holds the kernels and the runtime. It uses only instructions that
/// every processor of the architecture has, up to the call of the first kernel. It allocates nothing: the kernels'
/// buffer descriptors lie on its stack.
void add_driver(llvm::Module& module, const plan::plan& p, std::span<const built_kernel> kernels,
                const emit_options& options);

}  // namespace kiln::compiler
