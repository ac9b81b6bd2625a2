// dims: the extents of a tensor as plain integers, usable at compile time and at run time.
//
// Order, as on paper and in memory: spatial extents first, channels last and contiguous. A 2D activation is
// {height, width, channels}, a 1D one {length, channels}, a 3D one {depth, height, width, channels}.
// The batch is not part of dims in the DSL; the compiler's graph prepends it (see compiler/ir/graph.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <limits>

namespace kiln {

inline constexpr int max_rank = 8;

struct dims {
    std::int32_t rank = 0;
    std::array<std::int32_t, max_rank> extent{};

    constexpr dims() = default;

    template <class... Extents>
    static constexpr dims of(Extents... extents) {
        dims d;
        d.rank = static_cast<std::int32_t>(sizeof...(extents));
        int axis = 0;
        ((d.extent[axis++] = static_cast<std::int32_t>(extents)), ...);
        return d;
    }

    constexpr std::int32_t operator[](int axis) const { return extent[axis]; }
    constexpr std::int32_t& operator[](int axis) { return extent[axis]; }

    /// The last extent; 0 for a scalar of rank 0.
    constexpr std::int32_t channels() const { return rank > 0 ? extent[rank - 1] : 0; }
    /// How many axes come before the channels.
    constexpr int spatial_rank() const { return rank > 0 ? rank - 1 : 0; }

    /// The number of elements. Saturates at the largest int64 instead of overflowing, so that absurd extents from a
    /// file can be compared against a limit.
    constexpr std::int64_t volume() const {
        std::int64_t product = 1;
        for (int axis = 0; axis < rank; ++axis) {
            const std::int64_t e = extent[axis];
            if (e != 0 && product > std::numeric_limits<std::int64_t>::max() / (e < 0 ? 1 : e))
                return std::numeric_limits<std::int64_t>::max();
            product *= e;
        }
        return product;
    }

    friend constexpr bool operator==(const dims& a, const dims& b) {
        if (a.rank != b.rank) return false;
        for (int axis = 0; axis < a.rank; ++axis)
            if (a.extent[axis] != b.extent[axis]) return false;
        return true;
    }
};

/// `d` with `extent` put before its first axis: a sample's dims become a batch's.
constexpr dims prepend(std::int32_t extent, const dims& d) {
    dims r;
    r.rank = d.rank + 1;
    r[0] = extent;
    for (int axis = 0; axis < d.rank; ++axis) r[axis + 1] = d[axis];
    return r;
}

/// `d` without its first axis: a batch's dims become a sample's.
constexpr dims drop_first(const dims& d) {
    dims r;
    r.rank = d.rank - 1;
    for (int axis = 0; axis < r.rank; ++axis) r[axis] = d[axis + 1];
    return r;
}

}  // namespace kiln
