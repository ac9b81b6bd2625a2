// What this machine's processors can do at best: multiply-adds on registers alone, with the widest vectors they have.
#pragma once

#include <string>

namespace kiln::bench {

struct fma_peak {
    double gflops = 0;         // of all threads together; a multiply-add is two operations
    std::string instructions;  // "AVX-512", "AVX2", "NEON", "SSE2"
};

/// The best of several short measurements on `threads` threads at once; takes about a third of a second.
fma_peak measure_fma_peak(int threads);

/// As the system names it, with its family and model, because many call themselves the same: "AMD EPYC, family 26 model
/// 2"; the architecture where it has no name.
std::string cpu_name();

}  // namespace kiln::bench
