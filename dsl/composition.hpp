// Words that are made of operators: gram_matrix, resize, instance_norm, ... A word derives from composition<Itself> and
// has
//   mistake misuse(dims)       mistake::none, or what is wrong with a tensor of this shape
//   auto on(tensor)            what it makes of a tensor that was found right
// Its layers have names of their own (reshape1, matmul1); named("style"_n, gram_matrix) puts them into a scope.
#pragma once

#include <kiln/dsl/ops/ops.hpp>

namespace kiln::dsl {

template <class Itself>
struct composition {
    static constexpr mistake misuse(const dims&) { return mistake::none; }

    template <class... X>
    constexpr auto operator()(const X&... x) const {
        if constexpr (sizeof...(X) == 1 && (is_tensor<X> && ...)) {
            return checked(x...);
        } else {
            report<mistaken<mistake::one_tensor, Itself, X...>>();
            return tensor_of<unknown>{};
        }
    }

private:
    template <class Shape>
    constexpr auto checked(tensor_of<Shape> x) const {
        if constexpr (!Shape::known) {
            return x;
        } else if constexpr (Itself::misuse(Shape::value) != mistake::none) {
            report<mistaken<Itself::misuse(Shape::value), Itself, Shape>>();
            return tensor_of<unknown>{0, x.graph};
        } else {
            return static_cast<const Itself&>(*this).on(x);
        }
    }
};

constexpr bool has_spatial_axes(const dims& x) { return x.rank >= 2 && x.rank <= 4; }

// Arrangements whose shapes are computed.

constexpr ops::per_axis per_axis_of(const dims& d) {
    ops::per_axis extents{};
    for (int axis = 0; axis < d.rank && axis < ops::most_axes; ++axis)
        extents[static_cast<std::size_t>(axis)] = d[axis];
    return extents;
}

template <dims To, class X>
constexpr auto reshaped(const X& x) {
    return combine<ops::reshape, ops::reshape::attributes{To.rank, per_axis_of(To)}>(x);
}

template <dims To, class X>
constexpr auto stretched(const X& x) {
    return combine<ops::broadcast_to, ops::broadcast_to::attributes{To.rank, per_axis_of(To)}>(x);
}

template <ops::per_axis Order, class X>
constexpr auto transposed(const X& x) {
    return combine<ops::transpose, ops::transpose::attributes{Order}>(x);
}

/// Axis `Axis` of x at these places, and nothing else.
template <std::int32_t Axis, class X, std::size_t Count>
constexpr auto picked(const X& x, const std::array<float, Count>& places) {
    const auto indices = given<shape<static_cast<std::int32_t>(Count)>>(x.graph, places);
    const auto whole = combine<ops::cast, ops::cast::attributes{element::int64}>(indices);
    return combine<ops::gather, ops::gather::attributes{Axis}>(x, whole);
}

/// x, y, ... one after the other along axis `Axis`.
template <std::int32_t Axis, class First, class... X>
constexpr auto joined(const First& first, const X&... x) {
    return combine<ops::concat, ops::concat::attributes{First::extents.rank - 1 - Axis}>(first, x...);
}

}  // namespace kiln::dsl
