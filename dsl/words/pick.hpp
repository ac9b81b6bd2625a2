// pick(-1_c, 2_c, 1_c, 0_c): of an axis, these places in this order; here the channels turned round. concat_along(0_c,
// x, y): joined along another axis than the channels.
#pragma once

#include <kiln/dsl/composition.hpp>

namespace kiln::dsl {

template <std::int32_t... Said>
struct pick_block : composition<pick_block<Said...>> {
    static constexpr std::array<std::int32_t, sizeof...(Said)> said{Said...};

    static constexpr mistake misuse(const dims& x) {
        if (said.size() < 2) return mistake::no_size;
        const std::int32_t axis = axis_on(x, said[0]);
        if (axis == max_rank) return mistake::axis_unknown;
        for (std::size_t i = 1; i < said.size(); ++i)
            if (said[i] < 0 || said[i] >= x[axis]) return mistake::place_unknown;
        return mistake::none;
    }

    template <class Shape>
    constexpr auto on(tensor_of<Shape> x) const {
        std::array<float, sizeof...(Said) - 1> places{};
        for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<float>(said[i + 1]);
        return picked<axis_on(Shape::value, said[0])>(x, places);
    }
};

/// pick(axis, places...)
template <class... Place>
constexpr auto pick(const Place&... place) {
    return sized<pick_block>(place...);
}

/// concat_along(0_c, x, y, ...)
template <class Axis, class First, class... X>
constexpr auto concat_along(const Axis&, const First& first, const X&... x) {
    if constexpr (!constant<Axis>) {
        report<mistaken<mistake::not_a_constant, Axis>>();
        return tensor_of<unknown>{};
    } else if constexpr (!is_tensor<First>) {
        return combine<ops::concat>(first, x...);
    } else {
        return joined<axis_on(First::extents, value_of<Axis>)>(first, x...);
    }
}

}  // namespace kiln::dsl
