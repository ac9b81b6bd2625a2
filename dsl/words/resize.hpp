// resize(64_c, 64_c) and resize_linear(64_c, 64_c): to other extents, by the nearest neighbour or linearly between two
// along each axis. Pixels are squares whose centres are compared: output position o lies at (o + 0.5) n / m - 0.5 of
// the input, as ONNX's half_pixel says; between two neighbours the nearest is the first.
#pragma once

#include <kiln/dsl/composition.hpp>

namespace kiln::dsl {

constexpr double centre_at(std::int32_t o, std::int32_t from, std::int32_t to) { return (o + 0.5) * from / to - 0.5; }
/// The largest whole number not above x, which is above -1.
constexpr std::int32_t floor_of(double x) { return x < 0 ? -1 : static_cast<std::int32_t>(x); }

constexpr std::int32_t held_inside(std::int32_t at, std::int32_t extent) {
    return at < 0 ? 0 : at >= extent ? extent - 1 : at;
}

template <std::int32_t Axis, std::int32_t To, class Shape>
constexpr auto nearest_along(tensor_of<Shape> x) {
    constexpr std::int32_t from = Shape::value[Axis];
    std::array<float, To> places{};
    for (std::int32_t o = 0; o < To; ++o) {
        const double centre = centre_at(o, from, To);
        const std::int32_t below = floor_of(centre);
        const std::int32_t nearest = centre - below > 0.5 ? below + 1 : below;
        places[static_cast<std::size_t>(o)] = static_cast<float>(held_inside(nearest, from));
    }
    return picked<Axis>(x, places);
}

template <std::int32_t Axis, std::int32_t To, class Shape>
constexpr auto linear_along(tensor_of<Shape> x) {
    constexpr std::int32_t from = Shape::value[Axis];
    constexpr dims along = [] {
        dims d;
        d.rank = Shape::value.rank - Axis;
        for (int axis = 0; axis < d.rank; ++axis) d[axis] = axis == 0 ? To : 1;
        return d;
    }();
    std::array<float, To> below{}, above{}, share{};
    for (std::int32_t o = 0; o < To; ++o) {
        const auto i = static_cast<std::size_t>(o);
        const double centre = centre_at(o, from, To);
        const std::int32_t at = floor_of(centre);
        below[i] = static_cast<float>(held_inside(at, from));
        above[i] = static_cast<float>(held_inside(at + 1, from));
        share[i] = static_cast<float>(centre - at);
    }
    const auto a = picked<Axis>(x, below), b = picked<Axis>(x, above);
    return a + (b - a) * given<shape_of<along>>(x.graph, share);
}

template <bool Linear, std::int32_t... Extents>
struct resize_block : composition<resize_block<Linear, Extents...>> {
    static constexpr per_axis to = values_per_axis<Extents...>();

    static constexpr mistake misuse(const dims& x) {
        if (sizeof...(Extents) == 0) return mistake::no_size;
        if (!has_spatial_axes(x)) return mistake::no_spatial_axes;
        if (!fits(to, x)) return mistake::option_rank;
        for (int axis = 0; axis < x.spatial_rank(); ++axis)
            if (to.on(axis, 1) < 1 || to.on(axis, 1) > (1 << 16)) return mistake::size_impossible;
        return mistake::none;
    }

    template <std::int32_t Axis = 0, class X>
    constexpr auto on(const X& x) const {
        if constexpr (Axis == 0 && !Linear && enlarges(X::extents))
            return factors_for<X>(std::make_index_sequence<static_cast<std::size_t>(X::extents.rank - 1)>())(x);
        else if constexpr (Axis + 1 >= X::extents.rank)
            return x;
        else if constexpr (to.on(Axis, 1) == X::extents[Axis])
            return on<Axis + 1>(x);
        else if constexpr (Linear)
            return on<Axis + 1>(linear_along<Axis, to.on(Axis, 1)>(x));
        else
            return on<Axis + 1>(nearest_along<Axis, to.on(Axis, 1)>(x));
    }

private:
    /// By whole factors: upsample does it without leaving the channels' vectors.
    static constexpr bool enlarges(const dims& x) {
        for (int axis = 0; axis < x.spatial_rank(); ++axis)
            if (to.on(axis, 1) % x[axis] != 0) return false;
        return true;
    }
    template <class X, std::size_t... Axis>
    static constexpr auto factors_for(std::index_sequence<Axis...>) {
        return upsample_layer<to.on(static_cast<int>(Axis), 1) / X::extents[static_cast<int>(Axis)]...>{};
    }
};

template <std::int32_t... Extents>
using nearest_block = resize_block<false, Extents...>;
template <std::int32_t... Extents>
using linear_block = resize_block<true, Extents...>;

template <class... Extent>
constexpr auto resize(const Extent&... extent) {
    return sized<nearest_block>(extent...);
}
template <class... Extent>
constexpr auto resize_linear(const Extent&... extent) {
    return sized<linear_block>(extent...);
}

}  // namespace kiln::dsl
