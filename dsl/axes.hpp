// How a user names axes: counted from 0, the first spatial one, or with -1_c from the end, where the channels are.
#pragma once

#include <kiln/dsl/rule.hpp>

namespace kiln::dsl {

inline constexpr std::int32_t every_spatial_axis = std::numeric_limits<std::int32_t>::min();
/// All axes but the channels, for mean_over and its like.
inline constexpr std::integral_constant<std::int32_t, every_spatial_axis> spatial{};

/// The axis as shape rules count it; one that `x` lacks becomes one that no tensor has, for the rule to refuse.
constexpr std::int32_t axis_on(const dims& x, std::int32_t axis) {
    const std::int64_t counted = axis < 0 ? std::int64_t{axis} + x.rank : axis;
    return counted >= 0 && counted < x.rank ? static_cast<std::int32_t>(counted) : max_rank;
}

}  // namespace kiln::dsl
