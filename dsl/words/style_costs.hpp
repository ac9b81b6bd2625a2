// Costs of a picture G that shall have the content of one and the style of another (Gatys, Ecker, Bethge 2015,
// arXiv:1508.06576): content_cost and style_cost compare activations of one layer, x | total_variation keeps
// neighbouring pixels alike.
#pragma once

#include <kiln/dsl/words/cost.hpp>
#include <kiln/dsl/words/gram_matrix.hpp>
#include <kiln/dsl/words/pad.hpp>

namespace kiln::dsl {

/// Half the squared distance: equation 1.
struct content_cost_word : cost_word<content_cost_word, 2> {
    static constexpr mistake misuse(const dims& content, const dims& made) { return same_shapes(content, made); }
    template <class X>
    constexpr auto of(const X& content, const X& made) const {
        return squared_distance(content, made) * 0.5F;
    }
};
inline constexpr content_cost_word content_cost{};

/// The squared distance of the Gram matrices / (2 positions channels)^2: equation 4.
struct style_cost_word : cost_word<style_cost_word, 2> {
    static constexpr mistake misuse(const dims& style, const dims& made) {
        return has_spatial_axes(style) ? same_shapes(style, made) : mistake::no_spatial_axes;
    }
    template <class X>
    constexpr auto of(const X& style, const X& made) const {
        constexpr double size = 2.0 * static_cast<double>(X::extents.volume());
        // Before the products are squared: they would not fit the range of float.
        constexpr auto share = static_cast<float>(1 / size);
        return squared_distance(gram_matrix(style) * share, gram_matrix(made) * share);
    }
};
inline constexpr style_cost_word style_cost{};

/// The sum of the squared differences of neighbours along each spatial axis: Mahendran, Vedaldi 2015, arXiv:1412.0035,
/// section 3.2, with beta = 2.
struct total_variation_block : composition<total_variation_block> {
    static constexpr mistake misuse(const dims& x) {
        return has_spatial_axes(x) && x.volume() > x.channels() ? mistake::none : mistake::no_spatial_axes;
    }

    template <std::int32_t Axis, class X>
    static constexpr auto along(const X& x) {
        constexpr std::int32_t extent = X::extents[Axis];
        return squared_distance(strip<Axis, 1, 1, extent - 1>(x), strip<Axis, 0, 1, extent - 1>(x));
    }
    /// The sum over the axes from `Axis` on that have neighbours; at least one has.
    template <std::int32_t Axis = 0, class X>
    constexpr auto on(const X& x) const {
        constexpr bool last = [] {
            for (int axis = Axis + 1; axis < X::extents.spatial_rank(); ++axis)
                if (X::extents[axis] > 1) return false;
            return true;
        }();
        if constexpr (X::extents[Axis] == 1)
            return on<Axis + 1>(x);
        else if constexpr (last)
            return along<Axis>(x);
        else
            return along<Axis>(x) + on<Axis + 1>(x);
    }
};
inline constexpr total_variation_block total_variation{};

}  // namespace kiln::dsl
