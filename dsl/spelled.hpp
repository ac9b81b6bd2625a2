// From the arguments a user wrote to a layer's type. An operator says what it takes:
//   struct spelled_STEM { static constexpr std::array taken = {topic...};  template <class... Options> using with =
//   ...; }
// A missing or doubled option, a number that is not a constant, or a foreign argument is refused where it is written.
#pragma once

#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/options.hpp>

namespace kiln::dsl {

/// The layer of `Spelled` with `Options`, all of which must be options it takes.
template <class Spelled, class... Options>
constexpr auto spell() {
    if constexpr (any_refused<Options...>) {
        return refused_value{};
    } else if constexpr ((std::is_arithmetic_v<Options> || ...)) {
        report<mistaken<mistake::not_a_constant, Options...>>();
        return refused_value{};
    } else if constexpr (!(option<Options> && ...)) {
        report<mistaken<mistake::unknown_option, Options...>>();
        return refused_value{};
    } else if constexpr (constexpr mistake wrong = check_options<Options...>(Spelled::taken); wrong != mistake::none) {
        report<mistaken<wrong, Options...>>();
        return refused_value{};
    } else {
        return typename Spelled::template with<Options...>{};
    }
}

/// A constant where a window may stand is the window on every axis.
template <class Argument>
struct window_argument {
    using type = Argument;
};
template <constant Argument>
requires(!any_refused<Argument>) struct window_argument<Argument> {
    using type = window_of<value_of<Argument>>;
};

template <class Spelled, class First, class... Rest>
constexpr auto spell_window_first() {
    using leading = typename window_argument<First>::type;
    if constexpr (!std::is_arithmetic_v<First> && !has_topic<topic::extent, leading, Rest...>) {
        report<mistaken<mistake::no_window, First, Rest...>>();
        return refused_value{};
    } else {
        return spell<Spelled, leading, Rest...>();
    }
}

/// (window, options...): the window as 3_c or window(3_c, 5_c), which may also stand among the options.
template <class Spelled, class... Arguments>
constexpr auto spell_windowed() {
    if constexpr (any_refused<Arguments...>) {
        return refused_value{};
    } else if constexpr (sizeof...(Arguments) == 0) {
        report<mistaken<mistake::no_window, Spelled>>();
        return refused_value{};
    } else {
        return spell_window_first<Spelled, Arguments...>();
    }
}

template <template <std::int32_t> class Spelled, mistake Missing, class Size, class... Rest>
constexpr auto spell_size_first() {
    if constexpr (!constant<Size>) {
        report<mistaken<mistake::not_a_constant, Size>>();
        return refused_value{};
    } else if constexpr (Missing == mistake::no_window) {
        return spell_windowed<Spelled<value_of<Size>>, Rest...>();
    } else {
        return spell<Spelled<value_of<Size>>, Rest...>();
    }
}

/// (size, ...): a leading constant, then options; with a window second if `Spelled` needs one. `Missing` is what is
/// wrong when there is too little.
template <template <std::int32_t> class Spelled, mistake Missing, class... Arguments>
constexpr auto spell_sized() {
    if constexpr (any_refused<Arguments...>) {
        return refused_value{};
    } else if constexpr (sizeof...(Arguments) == 0) {
        report<mistaken<Missing, Spelled<1>>>();
        return refused_value{};
    } else {
        return spell_size_first<Spelled, Missing, Arguments...>();
    }
}

}  // namespace kiln::dsl
