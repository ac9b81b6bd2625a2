// Randomised graphs around one operator each, for the differential test. Every stem of ops.def defines
// `random_STEM`, a missing one does not link.
#pragma once

#include <cstdlib>
#include <random>

#include <kiln/tests/graph_builder.hpp>

namespace kiln::testing {

/// A number from the environment.
inline int setting(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text ? std::atoi(text) : otherwise;
}

struct dice {
    std::mt19937 random;
    /// A whole number in [low, high].
    int roll(int low, int high) {
        return low + static_cast<int>(random() % static_cast<std::uint32_t>(high - low + 1));
    }
    bool chance(int percent) { return roll(1, 100) <= percent; }
    template <class T>
    T one_of(std::initializer_list<T> choices) {
        return choices.begin()[roll(0, static_cast<int>(choices.size()) - 1)];
    }
};

/// Extents for an activation of `rank` spatial axes (1 to 3), small enough for the plain reference.
inline dims random_sample(dice& d, int rank, int channels) {
    static constexpr int most[] = {40, 17, 7};
    dims s;
    s.rank = rank + 1;
    for (int axis = 0; axis < rank; ++axis) s[axis] = d.roll(1, most[rank - 1]);
    s[rank] = channels;
    return s;
}

/// Any extents on `rank` axes, a few hundred elements.
inline dims random_extents(dice& d, int rank) {
    static constexpr int most[] = {200, 30, 12, 6, 4, 3, 2};
    dims s;
    s.rank = rank;
    for (int axis = 0; axis < rank; ++axis) s[axis] = d.roll(1, most[rank - 1]);
    return s;
}

/// Two shapes that fit together: either may have extents of 1, and fewer axes, where the other has more.
inline std::pair<dims, dims> random_stretched(dice& d) {
    const dims all = random_extents(d, d.roll(1, 5));
    const auto part = [&] {
        dims p = all;
        for (int axis = 0; axis < p.rank; ++axis)
            if (d.chance(25)) p[axis] = 1;
        while (p.rank > 1 && d.chance(20)) p = drop_first(p);
        return p;
    };
    return d.chance(30) ? std::pair(all, all) : std::pair(part(), part());
}

/// Channel counts that fill vectors, leave tails, or do neither.
inline int random_channels(dice& d) { return d.chance(50) ? d.one_of({1, 2, 4, 8, 16, 32, 48, 64}) : d.roll(1, 70); }

/// An activation of any rank for an element-wise operator: an input, or what a convolution makes of one, so that the
/// operator ends a kernel. Inputs lie in [-1, 1), inside the bends of most activation functions: half of them are
/// doubled three times.
inline int random_activation(dice& d, graph_builder& b) {
    auto x = b.input(d.chance(20) ? dims::of(d.roll(1, 200)) : random_sample(d, d.roll(1, 3), random_channels(d)));
    if (b.sample(x).rank > 1 && d.chance(30)) x = b.conv(x, {.filters = random_channels(d), .slide = {}});
    for (int doublings = d.one_of({0, 3}); doublings > 0; --doublings) x = b.add(x, x);
    return x;
}

/// A window that fits `x`, with random stride, dilation and padding (below the window's reach).
inline ops::window random_window(dice& d, const dims& x, int largest = 5) {
    ops::window w;
    for (int axis = 0; axis < x.spatial_rank(); ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        w.extent[a] = d.roll(1, largest);
        w.dilation[a] = d.chance(25) ? d.roll(1, 3) : 1;
        while (ops::dilated(w.extent[a], w.dilation[a]) > x[axis] + 2) {
            w.dilation[a] = 1;
            if (w.extent[a] > 1) --w.extent[a];
        }
        const int reach = ops::dilated(w.extent[a], w.dilation[a]);
        w.stride[a] = d.chance(40) ? d.roll(1, 3) : 1;
        const int needed = std::max(0, reach - x[axis]);
        w.pad_before[a] = std::min(reach - 1, d.chance(60) ? d.roll(0, reach - 1) : 0);
        w.pad_after[a] =
            std::min(reach - 1, std::max(needed - w.pad_before[a], d.chance(60) ? d.roll(0, reach - 1) : 0));
    }
    return w;
}

#define KILN_OPERATOR(stem) ir::graph random_##stem(dice& d, int batch);
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR

}  // namespace kiln::testing
