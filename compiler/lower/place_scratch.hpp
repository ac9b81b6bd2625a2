// Moves what a kernel allocates on the heap into the model's arena.
//
//   before:  p = halide_malloc(user_context, 81932); ... halide_free(user_context, p)
//   after:   p = user_context + 64
//
// Requires that every allocation has a constant size and belongs to the kernel or to the body of its parallel loop.
// The kernel's user context is the scratch block (schedules/scratch.hpp). A task takes a free slot of it when it
// starts, the lowest, so that few threads use few slots and find them in their caches.
#pragma once

#include <llvm/IR/Module.h>

#include <string>

#include <kiln/schedules/scratch.hpp>

namespace kiln::compiler {

/// `symbol` is the kernel's function. Throws std::logic_error where the kernel allocates more than `layout` says.
void place_scratch(llvm::Module& module, const std::string& symbol, const schedules::scratch& layout);

}  // namespace kiln::compiler
