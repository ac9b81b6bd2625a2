// Channels and pixels exchanged: space_to_depth(2_c), depth_to_space(2_c) (Shi et al. 2016, arXiv:1609.05158: "pixel
// shuffle", with a block's cells as the slower index of the channels), and channel_shuffle(4_c) (Zhang et al. 2017,
// arXiv:1707.01083, figure 1).
#pragma once

#include <kiln/dsl/composition.hpp>

namespace kiln::dsl {

constexpr bool block_fits(const per_axis& block, const dims& x) {
    for (int axis = 0; axis < x.spatial_rank(); ++axis)
        if (block.on(axis, 1) < 1) return false;
    return true;
}

constexpr std::int64_t cells_of(const per_axis& block, const dims& x) {
    std::int64_t cells = 1;
    for (int axis = 0; axis < x.spatial_rank(); ++axis) cells *= block.on(axis, 1);
    return cells;
}

constexpr mistake block_misuse(const per_axis& block, const dims& x) {
    if (block.count == 0) return mistake::no_size;
    if (!has_spatial_axes(x)) return mistake::no_spatial_axes;
    if (!fits(block, x)) return mistake::option_rank;
    return block_fits(block, x) ? mistake::none : mistake::blocks_do_not_divide;
}

/// The order that makes {a, b, a', b', channels} of {a, a', b, b', channels}.
constexpr ops::per_axis interleaved(int rank) {
    ops::per_axis order{};
    for (int axis = 0; axis < rank; ++axis) {
        order[static_cast<std::size_t>(2 * axis)] = axis;
        order[static_cast<std::size_t>(2 * axis + 1)] = rank + axis;
    }
    order[static_cast<std::size_t>(2 * rank)] = 2 * rank;
    return order;
}
/// The reverse.
constexpr ops::per_axis separated(int rank) {
    ops::per_axis order{};
    for (int axis = 0; axis <= 2 * rank; ++axis)
        order[static_cast<std::size_t>(interleaved(rank)[static_cast<std::size_t>(axis)])] = axis;
    return order;
}

/// {h, w, c} -> {h / b, b, w / b, b, c} -> {h / b, w / b, b, b, c} -> {h / b, w / b, b b c}
template <std::int32_t... Block>
struct space_to_depth_block : composition<space_to_depth_block<Block...>> {
    static constexpr per_axis block = values_per_axis<Block...>();

    static constexpr mistake misuse(const dims& x) {
        if (const mistake wrong = block_misuse(block, x); wrong != mistake::none) return wrong;
        for (int axis = 0; axis < x.spatial_rank(); ++axis)
            if (x[axis] % block.on(axis, 1) != 0) return mistake::blocks_do_not_divide;
        return mistake::none;
    }
    static constexpr dims apart(const dims& x) {
        dims d;
        for (int axis = 0; axis < x.spatial_rank(); ++axis) {
            d[d.rank++] = x[axis] / block.on(axis, 1);
            d[d.rank++] = block.on(axis, 1);
        }
        d[d.rank++] = x.channels();
        return d;
    }
    static constexpr dims together(const dims& x) {
        dims d = x;
        for (int axis = 0; axis < x.spatial_rank(); ++axis) d[axis] /= block.on(axis, 1);
        d[d.rank - 1] = held_in_int32(x.channels() * cells_of(block, x));
        return d;
    }

    template <class Shape>
    constexpr auto on(tensor_of<Shape> x) const {
        constexpr dims from = Shape::value;
        return reshaped<together(from)>(transposed<separated(from.spatial_rank())>(reshaped<apart(from)>(x)));
    }
};

/// {h, w, b b c} -> {h, w, b, b, c} -> {h, b, w, b, c} -> {h b, w b, c}
template <std::int32_t... Block>
struct depth_to_space_block : composition<depth_to_space_block<Block...>> {
    static constexpr per_axis block = values_per_axis<Block...>();

    static constexpr mistake misuse(const dims& x) {
        if (const mistake wrong = block_misuse(block, x); wrong != mistake::none) return wrong;
        return x.channels() % cells_of(block, x) == 0 ? mistake::none : mistake::blocks_do_not_divide;
    }
    static constexpr dims apart(const dims& x) {
        dims d = x;
        for (int axis = 0; axis < x.spatial_rank(); ++axis) d[x.spatial_rank() + axis] = block.on(axis, 1);
        d.rank = 2 * x.spatial_rank() + 1;
        d[d.rank - 1] = static_cast<std::int32_t>(x.channels() / cells_of(block, x));
        return d;
    }
    static constexpr dims together(const dims& x) {
        dims d = x;
        for (int axis = 0; axis < x.spatial_rank(); ++axis) d[axis] *= block.on(axis, 1);
        d[d.rank - 1] = static_cast<std::int32_t>(x.channels() / cells_of(block, x));
        return d;
    }

    template <class Shape>
    constexpr auto on(tensor_of<Shape> x) const {
        constexpr dims from = Shape::value;
        return reshaped<together(from)>(transposed<interleaved(from.spatial_rank())>(reshaped<apart(from)>(x)));
    }
};

/// {.., g c} -> {.., g, c} -> {.., c, g} -> {.., c g}
template <std::int32_t Groups>
struct channel_shuffle_block : composition<channel_shuffle_block<Groups>> {
    static constexpr mistake misuse(const dims& x) {
        if (x.rank >= ops::most_axes) return mistake::no_spatial_axes;
        return Groups >= 1 && x.channels() % Groups == 0 ? mistake::none : mistake::groups_of_channels;
    }
    static constexpr dims apart(const dims& x) {
        dims d = x;
        d[d.rank - 1] = Groups;
        d[d.rank++] = x.channels() / Groups;
        return d;
    }
    static constexpr ops::per_axis order(int rank) {
        ops::per_axis o{};
        for (int axis = 0; axis < rank; ++axis) o[static_cast<std::size_t>(axis)] = axis;
        std::swap(o[static_cast<std::size_t>(rank - 1)], o[static_cast<std::size_t>(rank - 2)]);
        return o;
    }

    template <class Shape>
    constexpr auto on(tensor_of<Shape> x) const {
        constexpr dims split = apart(Shape::value);
        return reshaped<Shape::value>(transposed<order(split.rank)>(reshaped<split>(x)));
    }
};

template <class... Block>
constexpr auto space_to_depth(const Block&... block) {
    return sized<space_to_depth_block>(block...);
}
template <class... Block>
constexpr auto depth_to_space(const Block&... block) {
    return sized<depth_to_space_block>(block...);
}
template <class Groups>
constexpr auto channel_shuffle(const Groups& groups) {
    return one_size<channel_shuffle_block>(groups);
}

}  // namespace kiln::dsl
