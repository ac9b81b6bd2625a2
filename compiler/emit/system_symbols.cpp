#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <array>
#include <kiln/compiler/emit/fail.hpp>
#include <kiln/compiler/emit/system_symbols.hpp>

namespace kiln::compiler {
namespace {

using namespace std::string_view_literals;

// What Halide's runtime and the thread pool call: memory, messages before abort, threads.
constexpr std::array libc_and_pthread = {
    "abort"sv,
    "atoi"sv,
    "clock_gettime"sv,
    "fclose"sv,
    "fileno"sv,
    "fopen"sv,
    "free"sv,
    "fwrite"sv,
    "getauxval"sv,
    "getenv"sv,
    "gettimeofday"sv,
    "malloc"sv,
    "memcmp"sv,
    "memcpy"sv,
    "memmove"sv,
    "memset"sv,
    "posix_memalign"sv,
    "pthread_cond_broadcast"sv,
    "pthread_cond_destroy"sv,
    "pthread_cond_init"sv,
    "pthread_cond_signal"sv,
    "pthread_cond_wait"sv,
    "pthread_create"sv,
    "pthread_join"sv,
    "pthread_mutex_destroy"sv,
    "pthread_mutex_init"sv,
    "pthread_mutex_lock"sv,
    "pthread_mutex_unlock"sv,
    "pthread_self"sv,
    "sched_yield"sv,
    "strlen"sv,
    "strncmp"sv,
    "strstr"sv,
    "syscall"sv,
    "sysconf"sv,
    "usleep"sv,
    "write"sv,
};

// Each also with an f behind, for float.
constexpr std::array libm = {
    "acos"sv, "acosh"sv, "asin"sv,      "asinh"sv, "atan"sv, "atan2"sv, "atanh"sv, "ceil"sv,      "cos"sv,
    "cosh"sv, "erf"sv,   "exp"sv,       "exp2"sv,  "fabs"sv, "floor"sv, "fma"sv,   "fmax"sv,      "fmin"sv,
    "fmod"sv, "ldexp"sv, "log"sv,       "log1p"sv, "log2"sv, "log10"sv, "lrint"sv, "nearbyint"sv, "pow"sv,
    "rint"sv, "round"sv, "roundeven"sv, "sin"sv,   "sinh"sv, "sqrt"sv,  "tan"sv,   "tanh"sv,      "trunc"sv,
};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool is_system_symbol(std::string_view name) {
    if (contains(libc_and_pthread, name) || contains(libm, name)) return true;
    return name.ends_with('f') && contains(libm, name.substr(0, name.size() - 1));
}

std::vector<std::string> undefined_symbols(std::string_view object) {
    const std::string doing = "reading an object file";
    const auto file = value_or_fail(
        llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef({object.data(), object.size()}, "object")),
        doing);
    std::vector<std::string> names;
    for (const llvm::object::SymbolRef& symbol : file->symbols()) {
        const std::uint32_t flags = value_or_fail(symbol.getFlags(), doing);
        if (!(flags & llvm::object::SymbolRef::SF_Undefined)) continue;
        const std::string name = value_or_fail(symbol.getName(), doing).str();
        // Names the assembler makes up for itself, like the table of global offsets.
        if (!name.empty() && name != "_GLOBAL_OFFSET_TABLE_") names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace kiln::compiler
