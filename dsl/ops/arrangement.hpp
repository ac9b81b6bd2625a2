// What rules of operators share that arrange values anew and compute nothing: any element type passes through.
#pragma once

#include <kiln/dsl/rule.hpp>

#include <initializer_list>

namespace kiln::ops {

/// The most axes of a tensor that operators see; a batch comes on top.
inline constexpr int most_axes = max_rank - 1;
/// One value for each axis.
using per_axis = std::array<std::int32_t, static_cast<std::size_t>(most_axes)>;

/// The first of `Values`, one for each axis there can be.
template <std::int32_t... Values>
constexpr per_axis first_axes() {
    per_axis kept{};
    std::size_t axis = 0;
    for (const std::int32_t value : std::initializer_list<std::int32_t>{Values...})
        if (axis < kept.size()) kept[axis++] = value;
    return kept;
}

struct arrangement {
    static constexpr std::optional<element> same_type(std::span<const element> in) {
        for (const element e : in)
            if (e != in[0]) return std::nullopt;
        return in.empty() ? std::nullopt : std::optional(in[0]);
    }
    /// Moving a value counts as an operation, so that every operator costs something.
    static constexpr kiln::cost moved(const dims& out) { return {0, out.volume()}; }
};

/// `rank` extents out of `extents`, or why they are not a shape.
constexpr inferred shape_of_extents(std::int32_t rank, const per_axis& extents) {
    if (rank < 0 || rank > most_axes) return refuse(fault::too_many_axes);
    dims out;
    out.rank = rank;
    for (int axis = 0; axis < rank; ++axis) {
        out[axis] = extents[static_cast<std::size_t>(axis)];
        if (out[axis] < 1) return refuse(fault::empty_extent);
    }
    if (out.volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
    return {out};
}

}  // namespace kiln::ops
