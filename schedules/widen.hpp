// Narrow weights widened once for all register blocks that multiply them. Each of them would take a fifth more time,
// with 14 positions, if it widened them again: that is two vector instructions for each vector of weights.
#pragma once

#include <kiln/schedules/stages.hpp>

namespace kiln::schedules {

/// Widens the weights of a block of filters that are read inside the loop `at`.
inline void widen(stages& s, const Halide::LoopLevel& at, std::int32_t block, std::int32_t lanes) {
    const std::vector<Halide::Var> axes = s.widened.args();
    Halide::Var vec("vec"), lane("lane");
    s.widened.compute_at(at)
        .store_in(on_stack)
        .bound(axes.front(), 0, block)
        .bound_extent(axes.back(), 1)
        .split(axes.front(), vec, lane, lanes)
        .vectorize(lane)
        .unroll(vec);
}

}  // namespace kiln::schedules
