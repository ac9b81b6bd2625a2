// The memory a kernel needs besides its operands: what its schedule keeps between loops and does not fit registers. It
// is a part of the model's arena, never of the heap.
#pragma once

#include <algorithm>
#include <cstdint>

namespace kiln::schedules {

/// `shared` bytes for the kernel, and a slot of `each` for every task that runs at the same time. A kernel can make use
/// of `slots`; it runs with fewer too: a task waits until another one gives its slot back.
struct scratch {
    /// A kernel with scratch has at most so many tasks: each may run on a thread of its own.
    static constexpr std::int32_t most_slots = 16;
    /// In front of it all: one bit for each slot that is in use or does not exist. Set before the kernel starts.
    static constexpr std::int64_t header = 64;

    std::int64_t shared = 0, each = 0;
    std::int32_t slots = 0;

    /// What an allocation of `bytes` takes: Halide adds a few bytes; what follows must be aligned again.
    static constexpr std::int64_t block_of(std::int64_t bytes) { return (bytes + 16 + 63) / 64 * 64; }
    bool needed() const { return shared + each > 0; }
    /// Of the block with so many slots.
    std::int64_t bytes(std::int32_t count) const { return needed() ? header + shared + each * count : 0; }
    /// How many slots a block of `size` bytes has.
    std::int32_t slots_in(std::int64_t size) const {
        return each == 0 ? slots
                         : static_cast<std::int32_t>(std::min<std::int64_t>(slots, (size - header - shared) / each));
    }
    /// The header's first word when so many slots are free.
    static constexpr std::uint32_t initial_mask(std::int32_t count) { return ~((std::uint32_t{1} << count) - 1); }
};

}  // namespace kiln::schedules
