// What differs between the LLVM versions Kiln is built with: 14 (Debian 12) and 19 (Debian 13). Everything else in the
// project is written so that both accept it.
#pragma once

#include <llvm/Config/llvm-config.h>
#include <llvm/IR/Module.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/CodeGen.h>
#include <llvm/Target/TargetMachine.h>

#include <cstdint>

#if LLVM_VERSION_MAJOR >= 17
#include <llvm/TargetParser/Triple.h>
#else
#include <llvm/ADT/Triple.h>
#endif

namespace kiln::compiler::llvm_compat {

#if LLVM_VERSION_MAJOR >= 18
inline constexpr auto optimize_most = llvm::CodeGenOptLevel::Aggressive;
inline constexpr auto object_file = llvm::CodeGenFileType::ObjectFile;
#else
inline constexpr auto optimize_most = llvm::CodeGenOpt::Aggressive;
inline constexpr auto object_file = llvm::CGFT_ObjectFile;
#endif

/// The names under which Halide notes a module's processor and features: it renamed the first in version 15.
inline constexpr const char* halide_processor_flags[] = {"halide_mcpu_target", "halide_mcpu"};

/// The function at an address that the JIT looked up. (A template, so that those who do not look up need no JIT
/// header.)
template <class Function, class Address>
Function* function_at(const Address& address) {
#if LLVM_VERSION_MAJOR >= 15
    return address.template toPtr<Function*>();
#else
    return reinterpret_cast<Function*>(static_cast<std::uintptr_t>(address.getAddress()));
#endif
}

}  // namespace kiln::compiler::llvm_compat
