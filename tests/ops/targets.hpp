// Targets to compile a test for: this processor as it is, or as if it had fewer and narrower registers.
#pragma once

#include <random>
#include <string>

namespace kiln::testing {

inline std::string random_target(std::mt19937& random) {
#ifdef __x86_64__
    if (random() % 4 == 0) return "x86-64-linux-sse41";
    if (random() % 3 == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "x86-64-linux-avx-avx2-f16c-fma-sse41";
#endif
    static_cast<void>(random);
    return "host";
}

}  // namespace kiln::testing
