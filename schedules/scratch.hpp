// The memory a kernel needs besides its operands: what its schedule keeps between loops and does not fit registers. It
// is a part of the model's arena, never of the heap.
#pragma once

#include <cstdint>

namespace kiln::schedules {

/// `shared` bytes for the kernel, and `each` for every task that runs at the same time, at most `slots` of them.
struct scratch {
    /// A kernel with scratch has at most so many tasks: each may run on a thread of its own.
    static constexpr std::int32_t most_slots = 16;
    /// In front of it all: one bit for each slot in use. Zero before the kernel starts.
    static constexpr std::int64_t header = 64;

    std::int64_t shared = 0, each = 0;
    std::int32_t slots = 0;

    /// What an allocation of `bytes` takes: Halide adds a few bytes; what follows must be aligned again.
    static constexpr std::int64_t block_of(std::int64_t bytes) { return (bytes + 16 + 63) / 64 * 64; }
    std::int64_t bytes() const { return shared + each == 0 ? 0 : header + shared + each * slots; }
};

}  // namespace kiln::schedules
