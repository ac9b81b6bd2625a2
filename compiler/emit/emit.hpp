// One LLVM module of kernels, driver, runtime and weights, and what is written from it: object, header, assembly.
#pragma once

#include <span>
#include <string>

#include <kiln/compiler/build/build_kernels.hpp>
#include <kiln/compiler/plan/plan.hpp>

namespace kiln::compiler {

enum class weights_as { embedded, file, outside };  // outside: the caller passes a pointer (what the JIT does)

struct emit_options {
    std::string target;         // resolved
    std::string function_name;  // a C identifier; prefix of every exported symbol
    weights_as weights = weights_as::embedded;
    std::string cache_folder = {};  // of the runtime's bitcode; as in build_options
    bool use_cache = true;
};

/// The object file's bytes; with embedded weights, all but the last plan::weights_bytes of them: the packed block,
/// which is appended when the file is written. It exports NAME_execute and, with embedded weights, NAME_weights:
///
///   int NAME_execute(const void *weights, const float *const *inputs, float *const *outputs, void *arena,
///                    int32_t first_step, int32_t end_step);
///
/// which runs steps [first_step, end_step) of the plan (all: 0, number of steps), returning 0; or
/// 1: this processor lacks an instruction set the object was compiled for; 2: a null pointer; 3: arena not aligned to
/// 64 bytes; 4: steps out of range; other values: the failing kernel's.
std::string emit_object(const plan::plan& p, std::span<const built_kernel> kernels, const emit_options& options);

/// The same module as LLVM assembly, for people.
std::string emit_llvm_assembly(const plan::plan& p, std::span<const built_kernel> kernels, const emit_options& options);

/// The C header with its C++ convenience.
std::string emit_header(const plan::plan& p, const emit_options& options);

}  // namespace kiln::compiler
