// filter<3, 3>{1, 0, -1, ...}: filters that are part of a network instead of learned.
//
// One or two extents are a window for one input channel and one output; otherwise all are given, in the order of the
// values: filter<window..., input channels / groups, filters>, such as filter<1, 1, 3, 1> for a 1x1 filter over RGB.
// bank(f, g, ...) makes one filter bank with the outputs of all; -f negates; bias(0.5, ...) goes with conv(filter,
// ...).
#pragma once

#include <kiln/dsl/options.hpp>

namespace kiln::dsl {

template <std::int32_t... Extents>
constexpr dims filter_extents() {
    constexpr std::size_t count = sizeof...(Extents);
    if constexpr (count < 1 || count > 5 || !((Extents >= 1) && ...)) {
        report<mistaken<mistake::filter_extents, shape<Extents...>>>();
        return dims::of(1, 1, 1);
    } else if constexpr (count <= 2) {
        return dims::of(Extents..., 1, 1);
    } else {
        return dims::of(Extents...);
    }
}

template <std::int32_t... Extents>
struct filter {
    static constexpr dims extents = filter_extents<Extents...>();
    static constexpr std::size_t size = static_cast<std::size_t>(extents.volume());
    /// The window alone.
    static constexpr per_axis window = [] {
        per_axis w{extents.rank - 2, {}};
        for (int axis = 0; axis < w.count; ++axis) w.value[static_cast<std::size_t>(axis)] = extents[axis];
        return w;
    }();
    std::array<float, size> values{};

    constexpr filter() = default;
    /// Row by row as printed; with channels, the filters vary fastest.
    template <class... Value>
    requires(std::is_arithmetic_v<Value>&&...) && (sizeof...(Value) > 0) constexpr explicit(false)
                                                      filter(Value... value) {
        if constexpr (sizeof...(Value) == size)
            values = {static_cast<float>(value)...};
        else
            report<mistaken<mistake::filter_values, filter, std::integral_constant<std::size_t, sizeof...(Value)>>>();
    }

    constexpr float_range range() const { return {values.data(), static_cast<std::int32_t>(size)}; }

    friend constexpr filter operator-(filter f) {
        for (float& value : f.values) value = -value;
        return f;
    }
};

template <class T>
inline constexpr bool is_filter = false;
template <std::int32_t... Extents>
inline constexpr bool is_filter<filter<Extents...>> = true;

template <class... Arguments>
inline constexpr bool first_is_filter = false;
template <class First, class... Rest>
inline constexpr bool first_is_filter<First, Rest...> = is_filter<First>;

template <dims Dims, std::size_t... Axis>
constexpr filter<Dims.extent[Axis]...> filter_along(std::index_sequence<Axis...>) {
    return {};
}

/// bank(f, g, ...): one filter bank whose outputs are those of f, then those of g, ...
template <class First, class... More>
constexpr auto bank(const First& first, const More&... more) {
    if constexpr (any_refused<First, More...>) {
        return refused_value{};
    } else if constexpr (!(is_filter<First> && ... && is_filter<More>)) {
        report<mistaken<mistake::unknown_option, First, More...>>();
        return refused_value{};
    } else {
        constexpr dims one = First::extents;
        constexpr auto without_outputs = [](dims d) {
            d[d.rank - 1] = 0;
            return d;
        };
        if constexpr (!((without_outputs(More::extents) == without_outputs(one)) && ...)) {
            report<mistaken<mistake::bank_extents, First, More...>>();
            return refused_value{};
        } else {
            constexpr dims all = [](dims d) {
                d[d.rank - 1] += (0 + ... + More::extents.channels());
                return d;
            }(one);
            auto stacked = filter_along<all>(std::make_index_sequence<static_cast<std::size_t>(all.rank)>());
            const auto outputs = static_cast<std::size_t>(all.channels());
            std::size_t begin = 0;
            const auto put = [&](const auto& f) {
                const auto own = static_cast<std::size_t>(f.extents.channels());
                for (std::size_t i = 0; i < f.values.size(); ++i)
                    stacked.values[i / own * outputs + begin + i % own] = f.values[i];
                begin += own;
            };
            put(first);
            (put(more), ...);
            return stacked;
        }
    }
}

/// The constant bias of a given filter, one value per output; none at all for Size = 0.
template <std::int32_t Size>
struct bias_values {
    static constexpr topic about = topic::given_bias;
    static constexpr void set(settings&) {}
    static constexpr std::int32_t size = Size;
    std::array<float, Size == 0 ? 1 : Size> values{};

    constexpr float_range range() const { return {values.data(), Size}; }
};

/// bias(0.5, ...), an option of conv(filter, ...).
template <class... Value>
requires(std::is_arithmetic_v<Value>&&...) &&
    (sizeof...(Value) > 0) constexpr bias_values<sizeof...(Value)> bias(Value... value) {
    return {{static_cast<float>(value)...}};
}

/// The first bias among the options of a given convolution.
constexpr bias_values<0> bias_among() { return {}; }
template <class First, class... More>
constexpr auto bias_among(const First& first, const More&... more) {
    if constexpr (has_topic<topic::given_bias, First>)
        return first;
    else
        return bias_among(more...);
}

}  // namespace kiln::dsl
