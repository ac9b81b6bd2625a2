// Narrow numbers for weights (schedules::storage): how float32 becomes them.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>

#include <kiln/runtime/tensor.hpp>

namespace kiln::plan {

/// The nearest bfloat16, of two the even one; NaN stays NaN, whatever its bits.
constexpr std::uint16_t bfloat16_of(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if (value != value) return static_cast<std::uint16_t>(bits >> 16 | 0x40);  // quiet: never an infinity
    return static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

constexpr float float_of_bfloat16(std::uint16_t value) { return std::bit_cast<float>(std::uint32_t{value} << 16); }

/// The value an int8 of 1 stands for, for each filter (the last axis): a 127th of its largest weight, 0 for a filter of
/// zeros. Nothing where a weight is not finite: int8 cannot say so.
std::optional<tensor> int8_scales(const tensor& weights);

/// value / scale as the nearest whole number in [-127, 127], of two the even one.
inline std::int8_t int8_of(float value, float scale) {
    if (scale == 0) return 0;
    return static_cast<std::int8_t>(std::lrint(std::clamp(value / scale, -127.0F, 127.0F)));
}

}  // namespace kiln::plan
