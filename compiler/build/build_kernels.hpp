// Compiles a plan's kernels to bitcode: from the disk cache where it has them, otherwise each in a process of its own
// (a crash or a hang in one kernel is an error message, equal inputs give equal bytes), `jobs` at a time.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <kiln/schedules/kernel.hpp>

namespace kiln::compiler {

struct build_options {
    std::string target;        // resolved
    int jobs = 0;              // 0: as many as there are processors
    std::string cache_folder;  // empty: the default ($KILN_CACHE_DIR, $XDG_CACHE_HOME/kiln, ~/.cache/kiln)
    bool use_cache = true;
    std::function<void(int done, int total, const std::string& what)> progress;  // may be empty
};

struct built_kernel {
    std::string symbol;  // kiln_kernel_<hash of the key>
    std::string bitcode;
    bool from_cache = false;
};

/// One entry per kernel, in order.
std::vector<built_kernel> build_kernels(std::span<const schedules::kernel> kernels, const build_options& options);

/// The runtime's bitcode for the target (runtime_bitcode), built and cached like a kernel.
std::string build_runtime(const build_options& options);

}  // namespace kiln::compiler
