// Narrow weights widened once for all register blocks that multiply them, instead of in each of them again: where both
// are vector instructions, a block of 14 positions takes a fifth more time that way.
#pragma once

#include <kiln/schedules/stages.hpp>

namespace kiln::schedules {

/// Where Halide keeps what is too large for MemoryType::Stack, above 16 KiB, on the stack nevertheless.
inline constexpr auto on_stack = Halide::MemoryType::Register;

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
