// What targets for files with checksums share: a mutation, after which most files are made whole again. Without that
// nearly every change would end at the first checksum. Some stay broken, because checking is part of reading.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include <kiln/runtime/bytes.hpp>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace kiln::fuzz {

/// Little- or big-endian, unlike runtime/bytes.hpp.
inline void store32(std::uint8_t* at, std::uint32_t value, bool big) {
    for (int i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> 8 * (big ? 3 - i : i));
}

template <class Repair>
std::size_t mutate_and_repair(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed, Repair repair) {
    const std::size_t mutated = LLVMFuzzerMutate(data, size, most);
    if (seed % 8 != 0) repair(data, mutated);
    return mutated;
}

}  // namespace kiln::fuzz
