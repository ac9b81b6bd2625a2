// Borders: pad(1_c) of zeros, pad_reflect(1_c) mirrored at the outermost cells, pad_edge(1_c) of the outermost cells
// repeated. In front of a convolution that pads with zeros, its own option pad(1_c) is cheaper.
#pragma once

#include <kiln/dsl/composition.hpp>

namespace kiln::dsl {

enum class border { zero, reflect, edge };

/// `Cells` cells of axis `Axis`, which x has, from `begin` on, in steps of `step`.
template <std::int32_t Axis, std::int32_t Begin, std::int32_t Step, std::int32_t Cells, class Shape>
constexpr auto strip(tensor_of<Shape> x) {
    constexpr auto part = [] {
        ops::slice::attributes a = whole_of(Shape::value);
        a.begin[Axis] = Begin;
        a.step[Axis] = Step;
        a.extent[Axis] = Cells;
        return a;
    }();
    return combine<ops::slice, part>(x);
}

constexpr dims with_extent(dims d, int axis, std::int32_t extent) {
    d[axis] = extent;
    return d;
}

/// The border of axis `Axis`, `Cells` wide, before or after x.
template <border How, std::int32_t Axis, std::int32_t Cells, bool After, class Shape>
constexpr auto border_of(tensor_of<Shape> x) {
    constexpr std::int32_t extent = Shape::value[Axis];
    constexpr dims wide = with_extent(Shape::value, Axis, Cells);
    if constexpr (How == border::zero) {
        return stretched<wide>(given<shape<1>>(x.graph, {0}));
    } else if constexpr (How == border::edge) {
        return stretched<wide>(strip < Axis, After ? extent - 1 : 0, 1, 1 > (x));
    } else {
        return strip < Axis, After ? extent - 2 : Cells, -1, Cells > (x);
    }
}

template <border How, std::int32_t Axis, std::int32_t Before, std::int32_t After, class X>
constexpr auto pad_axis(const X& x) {
    if constexpr (Before > 0 && After > 0)
        return joined<Axis>(border_of<How, Axis, Before, false>(x), x, border_of<How, Axis, After, true>(x));
    else if constexpr (Before > 0)
        return joined<Axis>(border_of<How, Axis, Before, false>(x), x);
    else if constexpr (After > 0)
        return joined<Axis>(x, border_of<How, Axis, After, true>(x));
    else
        return x;
}

template <border How, per_axis Before, per_axis After>
struct pad_block : composition<pad_block<How, Before, After>> {
    static constexpr mistake misuse(const dims& x) {
        if (!has_spatial_axes(x)) return mistake::no_spatial_axes;
        if (!fits(Before, x) || !fits(After, x)) return mistake::option_rank;
        for (int axis = 0; axis < x.spatial_rank(); ++axis)
            for (const std::int32_t cells : {Before.on(axis, 0), After.on(axis, 0)}) {
                if (cells < 0) return mistake::negative_border;
                if (How == border::reflect && cells >= x[axis]) return mistake::reflection_too_wide;
            }
        return mistake::none;
    }

    template <std::int32_t Axis = 0, class X>
    constexpr auto on(const X& x) const {
        if constexpr (Axis + 1 >= X::extents.rank)
            return x;
        else
            return on<Axis + 1>(pad_axis<How, Axis, Before.on(Axis, 0), After.on(Axis, 0)>(x));
    }
};

template <std::int32_t... N>
template <class X>
constexpr auto pad_of<N...>::operator()(const X& x) const {
    return pad_block<border::zero, values_per_axis<N...>(), values_per_axis<N...>()>{}(x);
}
template <std::int32_t... N>
template <class X>
constexpr auto pad_before_of<N...>::operator()(const X& x) const {
    return pad_block<border::zero, values_per_axis<N...>(), per_axis{}>{}(x);
}
template <std::int32_t... N>
template <class X>
constexpr auto pad_after_of<N...>::operator()(const X& x) const {
    return pad_block<border::zero, per_axis{}, values_per_axis<N...>()>{}(x);
}

template <std::int32_t... N>
using pad_reflect_block = pad_block<border::reflect, values_per_axis<N...>(), values_per_axis<N...>()>;
template <std::int32_t... N>
using pad_edge_block = pad_block<border::edge, values_per_axis<N...>(), values_per_axis<N...>()>;

/// pad_reflect(2_c), pad_reflect(1_c, 2_c): 3 2 | 1 2 3 | 2 1, with the border's width for all axes, or for each.
template <class... Cells>
constexpr auto pad_reflect(const Cells&... cells) {
    return sized<pad_reflect_block>(cells...);
}
/// pad_edge(2_c): 1 1 | 1 2 3 | 3 3.
template <class... Cells>
constexpr auto pad_edge(const Cells&... cells) {
    return sized<pad_edge_block>(cells...);
}

}  // namespace kiln::dsl
