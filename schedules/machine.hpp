// What a schedule needs to know of the target: how wide its vectors are and how many it has registers for.
#pragma once

#include <cstdint>
#include <string>

namespace kiln::schedules {

struct machine {
    int lanes = 4;       // float32 values in a vector register
    int registers = 16;  // vector registers
    std::int64_t l1_bytes = 32 * 1024;
    std::int64_t l2_bytes = 512 * 1024;
    std::int64_t l3_bytes = 16 * 1024 * 1024;
};

/// From a resolved target in Halide's spelling ("x86-64-linux-avx-avx2-fma-...").
machine machine_of(const std::string& target);

}  // namespace kiln::schedules
