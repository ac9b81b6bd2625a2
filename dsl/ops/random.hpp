// Random numbers that are a function: y = uniform in [0, 1), decided by a key and a whole number, and by nothing else.
// The same number makes the same y everywhere; neighbouring ones make unrelated y. (SplitMix64's output function:
// Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", figure 14.)
#pragma once

#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln::ops {

struct random {
    struct attributes {
        std::int32_t key_low = 0, key_high = 0;

        constexpr std::uint64_t key() const {
            return std::uint64_t{std::bit_cast<std::uint32_t>(key_high)} << 32 | std::bit_cast<std::uint32_t>(key_low);
        }
    };
    static constexpr attributes of_key(std::uint64_t key) {
        return {std::bit_cast<std::int32_t>(static_cast<std::uint32_t>(key)),
                std::bit_cast<std::int32_t>(static_cast<std::uint32_t>(key >> 32))};
    }

    static constexpr inferred infer(const attributes&, std::span<const dims> in) { return elementwise_shape(in, 1); }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) {
        return in.size() == 1 && in[0] == element::int64 ? std::optional(element::float32) : std::nullopt;
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, 10 * out.volume()};
    }
};

}  // namespace kiln::ops
