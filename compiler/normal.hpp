// Standard normal random numbers, the same everywhere for the same key, and any stretch of them on its own: number i
// of a key depends on nothing but the key and i's block, so that threads may share the work.
//
// Uniform bits: SplitMix64 (Steele, Lea, Flood 2014). Normal from uniform: the ziggurat method with 256 layers
// (Marsaglia and Tsang 2000), whose tables are computed while compiling, without the platform's libm.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kiln::compiler {

/// Numbers come in blocks of this many.
inline constexpr std::size_t normal_block = 1 << 16;

/// A key from a seed and a name: different in either, unrelated.
std::uint64_t random_key(std::uint64_t seed, std::string_view name);

/// Fills `out` (at most normal_block numbers) with block `block` of `key`, times `deviation`.
void fill_normal(std::uint64_t key, std::uint64_t block, float deviation, std::span<float> out);

}  // namespace kiln::compiler
