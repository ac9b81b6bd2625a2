// Plain loops over the cells of a tensor and of windows sliding over it, for the references of convolution and pooling.
//
// A sample is seen as three spatial axes followed by channels; axes it lacks have extent 1 and come last, where they
// change no memory order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <kiln/compiler/ops/operator.hpp>
#include <kiln/dsl/ops/window.hpp>

namespace kiln::compiler {

using position = std::array<std::int64_t, 3>;

/// The spatial extents of a sample.
inline position grid_of(const dims& sample) {
    position grid{1, 1, 1};
    for (int axis = 0; axis < sample.spatial_rank(); ++axis) grid[static_cast<std::size_t>(axis)] = sample[axis];
    return grid;
}

inline position grid_of(const triple& extent) { return {extent[0], extent[1], extent[2]}; }

/// Calls `visit(position)` for every cell of `grid`, in memory order.
template <class Visit>
void for_each_cell(const position& grid, Visit visit) {
    for (std::int64_t i = 0; i < grid[0]; ++i)
        for (std::int64_t j = 0; j < grid[1]; ++j)
            for (std::int64_t k = 0; k < grid[2]; ++k) visit(position{i, j, k});
}

/// The number of a cell in memory order.
inline std::int64_t cell_number(const position& grid, const position& at) {
    return (at[0] * grid[1] + at[1]) * grid[2] + at[2];
}

/// Whether `at` lies inside `grid`, or at most `before` cells before or `after` cells after it.
inline bool lies_within(const position& grid, const position& at, const triple& before = {0, 0, 0},
                        const triple& after = {0, 0, 0}) {
    for (std::size_t axis = 0; axis < 3; ++axis)
        if (at[axis] < -before[axis] || at[axis] >= grid[axis] + after[axis]) return false;
    return true;
}

/// Where cell `tap` of the window lies on the input when it computes output `out`.
inline position tapped(const ops::window& w, const position& out, const position& tap) {
    position at{};
    for (std::size_t axis = 0; axis < 3; ++axis)
        at[axis] = out[axis] * w.stride[axis] + tap[axis] * w.dilation[axis] - w.pad_before[axis];
    return at;
}

/// Pooling: calls `accumulate(value)` for every cell of the window inside the input, `padded()` for every one in the
/// declared padding, then stores `result()`, for every output and channel. `start()` begins a window.
template <class Pooling>
void pool(const ops::window& w, const operand_values& x, const dims& out_shape, float* out, Pooling pooling) {
    const position input = grid_of(x.shape), output = grid_of(out_shape), window = grid_of(w.extent);
    const std::int64_t channels = x.shape.channels();
    for_each_cell(output, [&](const position& o) {
        for (std::int64_t c = 0; c < channels; ++c) {
            pooling.start();
            for_each_cell(window, [&](const position& tap) {
                const position at = tapped(w, o, tap);
                if (lies_within(input, at))
                    pooling.accumulate(x.values[cell_number(input, at) * channels + c]);
                else if (lies_within(input, at, w.pad_before, w.pad_after))
                    pooling.padded();
            });
            out[cell_number(output, o) * channels + c] = pooling.result();
        }
    });
}

}  // namespace kiln::compiler
