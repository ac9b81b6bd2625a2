// arg_max: where along an axis the largest value lies, the first of equal ones, as a whole number in float32.
#pragma once

#include <kiln/dsl/composition.hpp>

namespace kiln::dsl {

template <std::int32_t Axis>
struct arg_max_block : composition<arg_max_block<Axis>> {
    static constexpr mistake misuse(const dims& x) {
        return axis_on(x, Axis) < x.rank ? mistake::none : mistake::axis_unknown;
    }

    template <class Shape>
    constexpr auto on(tensor_of<Shape> x) const {
        constexpr std::int32_t axis = axis_on(Shape::value, Axis), extent = Shape::value[axis];
        constexpr dims counted = [] {
            dims d;
            d.rank = Shape::value.rank;
            for (int i = 0; i < d.rank; ++i) d[i] = i == axis ? extent : 1;
            return d;
        }();
        std::array<float, extent> places{};
        for (std::int32_t i = 0; i < extent; ++i) places[static_cast<std::size_t>(i)] = static_cast<float>(i);
        const auto largest = max_over(std::integral_constant<std::int32_t, axis>{})(x);
        const auto place = given<shape_of<counted>>(x.graph, places);
        return min_over(std::integral_constant<std::int32_t, axis>{})(where(x >= largest, place, extent - 1));
    }

    /// arg_max(0_c): along another axis.
    using composition<arg_max_block>::operator();
    template <constant Other>
    constexpr auto operator()(const Other&) const {
        return arg_max_block<value_of<Other>>{};
    }
};
/// x | arg_max: over the channels. The axis stays, with extent 1.
inline constexpr arg_max_block<-1> arg_max{};

}  // namespace kiln::dsl
