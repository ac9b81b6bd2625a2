// What counts as a compile-time size: any type with a constant integral `value`, such as Hana's 5_c or
// std::integral_constant. The DSL's operators need no more than that, so their rules stay free of Hana.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

namespace kiln::dsl {

template <class T>
concept constant = requires {
    typename std::integral_constant<bool, (T::value, true)>;
    requires std::integral<std::remove_cvref_t<decltype(T::value)>>;
    requires !std::same_as<std::remove_cvref_t<decltype(T::value)>, bool>;
};

/// `value`, or the nearest int32.
constexpr std::int32_t held_in_int32(std::int64_t value) {
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max(),
                           least = std::numeric_limits<std::int32_t>::min();
    return static_cast<std::int32_t>(value > most ? most : value < least ? least : value);
}

/// The value of a constant, held inside int32: absurd sizes are refused later as too large, not wrapped around.
template <constant T>
inline constexpr std::int32_t value_of = std::cmp_greater(T::value, std::numeric_limits<std::int64_t>::max())
                                             ? std::numeric_limits<std::int32_t>::max()
                                             : held_in_int32(static_cast<std::int64_t>(T::value));

}  // namespace kiln::dsl
