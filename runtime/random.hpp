// random: numbers that are the same everywhere for the same key: SplitMix64 (Steele, Lea, Flood 2014).
//
// The standard library's engines are the same everywhere too, but its distributions and std::shuffle are not.
#pragma once

#include <cstdint>
#include <string_view>

namespace kiln {

/// SplitMix64's finalizer: every bit of the result depends on every bit of the argument.
constexpr std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/// A key from a seed and a name: different in either, unrelated.
constexpr std::uint64_t random_key(std::uint64_t seed, std::string_view name) {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return mixed(mixed(seed + 0x9e3779b97f4a7c15) ^ hash);
}

/// The key of part `number` of what has `key`.
constexpr std::uint64_t part_key(std::uint64_t key, std::uint64_t number) { return mixed(key + mixed(number + 1)); }

class random_stream {
public:
    constexpr explicit random_stream(std::uint64_t key) : state_(key) {}

    constexpr std::uint64_t next() { return mixed(state_ += 0x9e3779b97f4a7c15); }

    /// A whole number in [0, limit), every one as likely as the others. Requires limit > 0.
    constexpr std::uint64_t below(std::uint64_t limit) {
        const std::uint64_t uneven = (0 - limit) % limit;  // 2^64 modulo limit
        for (;;)
            if (const std::uint64_t drawn = next(); drawn >= uneven) return drawn % limit;
    }

private:
    std::uint64_t state_;
};

}  // namespace kiln
