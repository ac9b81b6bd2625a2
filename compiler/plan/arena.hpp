// Static memory: every arena buffer gets an offset such that buffers alive at the same time never overlap.
//
// Greedy by size (Pisarchyk and Lee 2020, arXiv:2001.03288, section 5.2): largest first, each at the lowest gap it
// fits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kiln::plan {

struct lifetime {
    int first = -1, last = -1;  // steps, inclusive; first -1: never used
    std::int64_t bytes = 0;
    std::int64_t byte = 0;  // answer: a multiple of `alignment`
};

inline constexpr std::int64_t alignment = 64;  // a cache line, and the widest vector

/// Sets `byte` of every used buffer; returns the arena's size.
std::int64_t assign_offsets(std::vector<lifetime>& buffers);

/// Moves a placed buffer into the largest gap of its arena's `end` bytes while it is alive, and makes it as large as
/// that allows, `wanted` bytes at most. It never shrinks.
void grow_into_gap(std::vector<lifetime>& buffers, std::size_t which, std::int64_t wanted, std::int64_t end);

}  // namespace kiln::plan
