// Part of a tensor: element i of the result along an axis is element begin + i * step of the operand, i < extent. A
// negative step runs backwards. A view: nothing is moved until a kernel needs it otherwise.
#pragma once

#include <kiln/dsl/axes.hpp>
#include <kiln/dsl/layer.hpp>
#include <kiln/dsl/ops/arrangement.hpp>
#include <kiln/dsl/options.hpp>

namespace kiln::ops {

struct slice {
    /// Values for each axis of the operand, in its order.
    struct attributes {
        per_axis begin{}, step{}, extent{};
    };

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (in.size() != 1) return refuse(fault::operand_count);
        if (in[0].rank > most_axes) return refuse(fault::too_many_axes);
        dims out = in[0];
        for (int axis = 0; axis < out.rank; ++axis) {
            const auto i = static_cast<std::size_t>(axis);
            if (a.extent[i] < 1) return refuse(fault::empty_extent);
            const std::int64_t last = a.begin[i] + std::int64_t{a.extent[i] - 1} * a.step[i];
            if (a.begin[i] < 0 || a.begin[i] >= in[0][axis] || last < 0 || last >= in[0][axis])
                return refuse(fault::slice_outside);
            out[axis] = a.extent[i];
        }
        return {out};
    }
    static constexpr std::optional<element> type(const attributes&, std::span<const element> in) { return in[0]; }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return arrangement::moved(out);
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

/// All of `x`.
constexpr ops::slice::attributes whole_of(const dims& x) {
    ops::slice::attributes a;
    for (int axis = 0; axis < x.rank && axis < ops::most_axes; ++axis) {
        // Written though it is 0: as template arguments, g++ 12 takes {1} and {0, 1} for equal where zeros are left
        // out.
        a.begin[static_cast<std::size_t>(axis)] = 0;
        a.step[static_cast<std::size_t>(axis)] = 1;
        a.extent[static_cast<std::size_t>(axis)] = x[axis];
    }
    return a;
}

template <std::int32_t... Range>
struct slice_layer : layer<slice_layer<Range...>> {
    using rules = ops::slice;
    static constexpr std::array<std::int32_t, sizeof...(Range)> said{Range...};

    static constexpr mistake misuse(const dims& x) {
        if (said.size() != 3 && said.size() != 4) return mistake::no_range;
        return axis_on(x, said[0]) == max_rank ? mistake::axis_unknown : mistake::none;
    }
    static constexpr ops::slice::attributes attributes_on(const dims& x) {
        ops::slice::attributes a = whole_of(x);
        const std::int32_t rank_axis = axis_on(x, said[0]), extent = x[rank_axis];
        const auto axis = static_cast<std::size_t>(rank_axis);
        const auto counted = [&](std::int32_t at) { return std::int64_t{at} + (at < 0 ? extent : 0); };
        const std::int32_t step = said.size() == 4 ? said[said.size() - 1] : 1;
        const std::int64_t begin = counted(said[1]), reach = counted(said[2]) - begin;
        a.begin[axis] = held_in_int32(begin);
        a.step[axis] = step;
        a.extent[axis] = step < 1 || reach < 1 ? 0 : held_in_int32((reach - 1) / step + 1);
        return a;
    }
};

/// slice(0_c, 2_c, 5_c): positions 2, 3 and 4 of axis 0; slice(0_c, 2_c, 9_c, 3_c): every third. Axes and positions
/// below 0 are counted from the end.
template <class... Range>
constexpr auto slice(const Range&... range) {
    return sized<slice_layer>(range...);
}

template <std::int32_t... Cells>
struct crop_layer : layer<crop_layer<Cells...>> {
    using rules = ops::slice;
    static constexpr per_axis cells = values_per_axis<Cells...>();

    static constexpr mistake misuse(const dims& x) {
        if (sizeof...(Cells) == 0) return mistake::no_size;
        return fits(cells, x) ? mistake::none : mistake::option_rank;
    }
    static constexpr ops::slice::attributes attributes_on(const dims& x) {
        ops::slice::attributes a = whole_of(x);
        for (int axis = 0; axis < x.spatial_rank() && axis < 3; ++axis) {
            a.begin[static_cast<std::size_t>(axis)] = cells.on(axis, 0);
            const std::int64_t left = x[axis] - 2 * std::int64_t{cells.on(axis, 0)};
            a.extent[static_cast<std::size_t>(axis)] = held_in_int32(left);
        }
        return a;
    }
};

/// crop(2_c), crop(1_c, 2_c): without so many cells on both sides of every spatial axis.
template <class... Cells>
constexpr auto crop(const Cells&... cells) {
    return sized<crop_layer>(cells...);
}

}  // namespace kiln::dsl
