#include <kiln/compiler/emit/thread_pool.hpp>

// Read by the assembler: C++20 has nothing that reads a file.
#define KILN_EMBED(name, file)                                                                              \
    __asm__(".section .rodata\n.balign 16\n" #name ":\n.incbin \"" file "\"\n" #name "_end:\n.previous\n"); \
    extern "C" __attribute__((visibility("hidden"))) const char name[], name##_end[]

KILN_EMBED(kiln_thread_pool_x86_64, KILN_THREAD_POOL_X86_64);
KILN_EMBED(kiln_thread_pool_aarch64, KILN_THREAD_POOL_AARCH64);

namespace kiln::compiler {

std::string_view thread_pool_bitcode(const llvm::Module& module) {
    if (llvm::Triple(module.getTargetTriple()).isAArch64())
        return {kiln_thread_pool_aarch64, kiln_thread_pool_aarch64_end};
    return {kiln_thread_pool_x86_64, kiln_thread_pool_x86_64_end};
}

}  // namespace kiln::compiler
