// Zero fills: the part of the driver that clears halos before a step.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include <kiln/compiler/plan/plan.hpp>

namespace kiln::compiler {

/// Calls kiln_zero_runs, which it adds to the module when it is not there yet: an internal function of three nested
/// loops around memset, so that a step with many fills stays a few instructions. For short runs it is one function for
/// each length, with a few stores in memset's place.
void call_zero_runs(llvm::IRBuilder<>& at, llvm::Module& module, llvm::Value* arena, const plan::zero_fill& fill);

}  // namespace kiln::compiler
