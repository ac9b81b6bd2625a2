// From a kernel's descriptor to LLVM bitcode, through Halide: the algorithm, the schedule, the compilation.
//
// The bitcode defines one function, int32 SYMBOL([void* scratch,] halide_buffer_t* input0, ..., halide_buffer_t*
// output), with a scratch block where schedules::scratch_of says that the kernel needs one. It reads nothing of its
// arguments but `host` (of an input, the address of the first cell of its halo; of the output, that of element (0, ...,
// 0)), allocates nothing on the heap, and calls nothing but the thread pool (halide_do_par_for) and libm. It returns 0.
#pragma once

#include <functional>
#include <string>

#include <kiln/schedules/kernel.hpp>

namespace kiln::compiler {

struct definition;  // lower/definition.hpp

/// A target in Halide's spelling with every feature spelled out: "host" becomes what this machine has.
/// Throws kiln::error for a string Halide does not know, naming it.
std::string resolve_target(const std::string& target);

/// The processor and its features are in the module's flags, where Halide notes them; emit/link_bitcode.hpp makes them
/// attributes of functions.
/// Deterministic in a process that has not used Halide before (Halide's unique names are global counters).
std::string lower_to_bitcode(const schedules::kernel& k, const std::string& target, const std::string& symbol);

/// The same with loops that `shape` gives them, in place of the kernel's family: to measure what others would make of
/// it. Such code may allocate.
std::string lower_to_bitcode(const schedules::kernel& k, const std::string& target, const std::string& symbol,
                             const std::function<void(definition&)>& shape);

/// Halide's lowered statement of the kernel, for people.
std::string lower_to_statement(const schedules::kernel& k, const std::string& target, const std::string& symbol);

/// Bitcode of Halide's runtime (thread pool and so on) for `target`: weak symbols, libc and pthread alone below, no
/// processor attributes: it also holds the check whether this processor will do.
std::string runtime_bitcode(const std::string& target);

/// Part of every cache key: Halide's and LLVM's versions, and a number raised whenever lowering changes.
std::string lowering_version();

}  // namespace kiln::compiler
