// The options of sliding operators as a user writes them, in any order:
//   window(3_c, 5_c)  stride(2_c)  dilation(2_c)  groups(4_c)  multiplier(2_c)  same  valid  pad(1_c)
//   pad_before(0_c)  pad_after(1_c)  output_padding(1_c)  no_bias  flipped  counting_padding
// One value is for every spatial axis, several are for the axes in order. An option is a type; its `set` writes what it
// says into `settings`, which know nothing of an input yet: dsl/sliding.hpp brings the two together.
#pragma once

#include <kiln/dsl/constant.hpp>
#include <kiln/dsl/tensor.hpp>

#include <algorithm>

namespace kiln::dsl {

/// One value per spatial axis, or `count` = 1 for all, or 0 where nothing was said.
struct per_axis {
    std::int32_t count = 0;
    triple value{};

    constexpr std::int32_t on(int axis, std::int32_t otherwise) const {
        return count == 0 ? otherwise : value[static_cast<std::size_t>(count == 1 ? 0 : axis)];
    }
};

/// Whether there is a value for every spatial axis of `x`, where there are 1 to 3.
constexpr bool fits(const per_axis& given, const dims& x) {
    const int rank = x.spatial_rank();
    return rank < 1 || rank > 3 || given.count <= 1 || given.count == rank;
}

enum class padding : std::int32_t { valid, same, given };

/// What a list of options says.
struct settings {
    std::int32_t filters = 1, groups = 1, multiplier = 1;
    per_axis extent, stride, dilation, before, after, extra;
    padding pads = padding::valid;
    bool bias = true;
    std::int32_t flip = 0, count_padding = 0;
};

/// Which setting an option decides. An operator lists those it takes.
enum class topic : std::int32_t {
    extent,
    stride,
    dilation,
    groups,
    multiplier,
    padding,
    before,
    after,
    bias,
    given_bias,
    flip,
    count_padding,
    output_padding
};

template <std::int32_t... Values>
constexpr per_axis values_per_axis() {
    per_axis listed{static_cast<std::int32_t>(sizeof...(Values)), {}};
    constexpr std::array<std::int32_t, sizeof...(Values)> values{Values...};
    for (std::size_t i = 0; i < values.size() && i < 3; ++i) listed.value[i] = values[i];
    return listed;
}

template <std::int32_t... N>
struct window_of {
    static constexpr topic about = topic::extent;
    static constexpr void set(settings& s) { s.extent = values_per_axis<N...>(); }
};
template <std::int32_t... N>
struct stride_of {
    static constexpr topic about = topic::stride;
    static constexpr void set(settings& s) { s.stride = values_per_axis<N...>(); }
};
template <std::int32_t... N>
struct dilation_of {
    static constexpr topic about = topic::dilation;
    static constexpr void set(settings& s) { s.dilation = values_per_axis<N...>(); }
};
template <std::int32_t N>
struct groups_of {
    static constexpr topic about = topic::groups;
    static constexpr void set(settings& s) { s.groups = N; }
};
template <std::int32_t N>
struct multiplier_of {
    static constexpr topic about = topic::multiplier;
    static constexpr void set(settings& s) { s.multiplier = N; }
};
template <std::int32_t... N>
struct pad_of {
    static constexpr topic about = topic::padding;
    static constexpr void set(settings& s) {
        s.pads = padding::given;
        s.before = s.after = values_per_axis<N...>();
    }
    /// By itself it is a block, which puts zeros around a tensor: dsl/words/pad.hpp.
    template <class X>
    constexpr auto operator()(const X& x) const;
};
template <std::int32_t... N>
struct pad_before_of {
    static constexpr topic about = topic::before;
    static constexpr void set(settings& s) {
        s.pads = padding::given;
        s.before = values_per_axis<N...>();
    }
    /// By itself it is a block, which puts zeros around a tensor: dsl/words/pad.hpp.
    template <class X>
    constexpr auto operator()(const X& x) const;
};
template <std::int32_t... N>
struct pad_after_of {
    static constexpr topic about = topic::after;
    static constexpr void set(settings& s) {
        s.pads = padding::given;
        s.after = values_per_axis<N...>();
    }
    /// By itself it is a block, which puts zeros around a tensor: dsl/words/pad.hpp.
    template <class X>
    constexpr auto operator()(const X& x) const;
};
template <std::int32_t... N>
struct output_padding_of {
    static constexpr topic about = topic::output_padding;
    static constexpr void set(settings& s) { s.extra = values_per_axis<N...>(); }
};
struct same_padding {
    static constexpr topic about = topic::padding;
    static constexpr void set(settings& s) { s.pads = padding::same; }
};
struct valid_padding {
    static constexpr topic about = topic::padding;
    static constexpr void set(settings&) {}
};
struct without_bias {
    static constexpr topic about = topic::bias;
    static constexpr void set(settings& s) { s.bias = false; }
};
struct flipped_filter {
    static constexpr topic about = topic::flip;
    static constexpr void set(settings& s) { s.flip = 1; }
};
struct counted_padding {
    static constexpr topic about = topic::count_padding;
    static constexpr void set(settings& s) { s.count_padding = 1; }
};

template <class T>
concept option = requires(settings& s) {
    { T::about } -> std::convertible_to<topic>;
    T::set(s);
};

/// An option made of constants; anything else is refused where it is written.
#define KILN_SIZES_OPTION(spelling, type)                               \
    template <class... Size>                                            \
    constexpr auto spelling(const Size&...) {                           \
        if constexpr (sizeof...(Size) > 0 && (constant<Size> && ...)) { \
            return type<value_of<Size>...>{};                           \
        } else {                                                        \
            report<mistaken<mistake::not_a_constant, Size...>>();       \
            return refused_value{};                                     \
        }                                                               \
    }
KILN_SIZES_OPTION(window, window_of)
KILN_SIZES_OPTION(stride, stride_of)
KILN_SIZES_OPTION(dilation, dilation_of)
KILN_SIZES_OPTION(pad, pad_of)
KILN_SIZES_OPTION(pad_before, pad_before_of)
KILN_SIZES_OPTION(pad_after, pad_after_of)
/// conv_transpose: so many more cells at the end, which a stride leaves undecided.
KILN_SIZES_OPTION(output_padding, output_padding_of)
#undef KILN_SIZES_OPTION

#define KILN_SIZE_OPTION(spelling, type)                       \
    template <class Size>                                      \
    constexpr auto spelling(const Size&) {                     \
        if constexpr (constant<Size>) {                        \
            return type<value_of<Size>>{};                     \
        } else {                                               \
            report<mistaken<mistake::not_a_constant, Size>>(); \
            return refused_value{};                            \
        }                                                      \
    }
/// Convolution: so many groups of channels, each with its own filters.
KILN_SIZE_OPTION(groups, groups_of)
/// depthwise_conv: so many filters for each channel.
KILN_SIZE_OPTION(multiplier, multiplier_of)
#undef KILN_SIZE_OPTION

/// The output has ceil(n / stride) positions; the odd cell of padding goes after.
inline constexpr same_padding same{};
/// No padding; what is meant where nothing is said.
inline constexpr valid_padding valid{};
inline constexpr without_bias no_bias{};
/// Mathematical convolution: the filter is turned by 180 degrees.
inline constexpr flipped_filter flipped{};
/// average_pool: divide by the whole window, padding included.
inline constexpr counted_padding counting_padding{};

template <topic About, class T>
constexpr bool is_about() {
    if constexpr (option<T>)
        return T::about == About;
    else
        return false;
}

/// Whether one of `T` is an option about `About`.
template <topic About, class... T>
inline constexpr bool has_topic = (is_about<About, T>() || ...);

template <class... Options>
constexpr settings settings_of() {
    settings s;
    (Options::set(s), ...);
    return s;
}

/// Whether the options can stand together in an operator that takes `taken`.
template <class... Options>
constexpr mistake check_options(std::span<const topic> taken) {
    constexpr std::array<topic, sizeof...(Options)> given{Options::about...};
    int paddings = 0;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (std::find(taken.begin(), taken.end(), given[i]) == taken.end()) return mistake::unknown_option;
        if (given[i] == topic::padding) ++paddings;
    }
    for (std::size_t i = 0; i < given.size(); ++i) {
        const bool sided = given[i] == topic::before || given[i] == topic::after;
        if (paddings > 1 || (paddings == 1 && sided)) return mistake::two_paddings;
        for (std::size_t k = 0; k < i; ++k)
            if (given[k] == given[i]) return sided ? mistake::two_paddings : mistake::option_twice;
    }
    return mistake::none;
}

}  // namespace kiln::dsl
