// Standard normal random numbers, the same everywhere for the same key, and any stretch of them on its own: number i
// of a key depends on nothing but the key and i's block, so that threads may share the work.
//
// Uniform bits: SplitMix64 (runtime/random.hpp). Normal from uniform: the ziggurat method with 256 layers
// (Marsaglia and Tsang 2000), whose tables are computed while compiling, without the platform's libm.
#pragma once

#include <cstdint>
#include <span>

#include <kiln/runtime/random.hpp>

namespace kiln::compiler {

/// Numbers come in blocks of this many.
inline constexpr std::size_t normal_block = 1 << 16;

/// Fills `out` (at most normal_block numbers) with block `block` of `key`, times `deviation`.
void fill_normal(std::uint64_t key, std::uint64_t block, float deviation, std::span<float> out);

}  // namespace kiln::compiler
