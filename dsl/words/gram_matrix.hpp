// gram_matrix: how the channels of an activation go together, G[k, l] = sum over positions p of x[p, k] x[p, l]: what
// style is (Gatys, Ecker, Bethge 2015, arXiv:1508.06576, equation 3).
#pragma once

#include <kiln/dsl/composition.hpp>

namespace kiln::dsl {

struct gram_matrix_block : composition<gram_matrix_block> {
    static constexpr mistake misuse(const dims& x) {
        return has_spatial_axes(x) ? mistake::none : mistake::no_spatial_axes;
    }

    template <class Shape>
    constexpr auto on(tensor_of<Shape> x) const {
        constexpr std::int32_t channels = Shape::value.channels();
        const auto positions = reshaped<dims::of(Shape::value.volume() / channels, channels)>(x);
        return matmul(transposed<ops::per_axis{1, 0}>(positions), positions);
    }
};
/// x | gram_matrix
inline constexpr gram_matrix_block gram_matrix{};

}  // namespace kiln::dsl
