// How fast a block of positions x vectors of filters that is kept in registers runs, and which one to take: what the
// direct convolution and the matrix products of the Winograd one share.
#pragma once

#include <algorithm>
#include <cstdint>

#include <kiln/schedules/machine.hpp>

namespace kiln::schedules {

/// Cycles of one step of the reduction: the larger of what the multiply-add units, the load ports and the latency of
/// the accumulators ask for.
double register_block_cycles(std::int32_t positions, std::int32_t vectors, const machine& m);

/// Whether accumulators, weights and (where the processor cannot take it from memory) an input fit the registers.
bool fits_registers(std::int32_t positions, std::int32_t vectors, std::int32_t lanes, const machine& m);

/// The number of positions a register block of so many vectors should have where `positions` are to be covered.
std::int32_t best_register_tile(std::int32_t positions, std::int32_t vectors, std::int32_t lanes, const machine& m);

/// How register blocks divide the prefetches of weights they all have time for: those of the next block of filters or
/// frequency.
enum class sharing_of_prefetches {
    none,      // the weights are what a later step of the same block loads: each step prefetches them
    by_turns,  // at every so many-th step all lines of that step
    by_parts,  // each step a line: the next block's first ones in the first register block, and so on
};

/// By turns where a vector is less than a cache line, so that steps would ask for the same line: a tenth to a fifth
/// less time on Zen 3. Where vectors are lines the branch costs more than it saves (ResNet-50's Winograd layers
/// take 1.5 to 1.8 times as long on Zen 5): by parts, which has none.
sharing_of_prefetches sharing_for(std::int32_t lanes);

/// Bytes that a loop may go over again and again with the second-level cache keeping them, beside what else it reads.
double stays_in_l2(const machine& m);

/// What a core reads in a cycle when it goes over `bytes` again and again: from the second-level cache, its share of
/// the third, or memory. Rough.
double cache_bytes_per_cycle(double bytes, const machine& m);

/// Cycles that weights of so many bytes take to come when a run reads them first. Between two runs all other weights of
/// the network are read: what does not stay in the second-level cache comes from memory.
double first_read_cycles(double bytes, const machine& m);

/// What a schedule may keep on the stack: Halide keeps no larger allocation there (but see on_stack in stages.hpp), and
/// the first-level cache holds it beside what it is made of.
inline constexpr std::int64_t most_bytes_on_stack = 16384;

constexpr std::int32_t divided_up(std::int32_t value, std::int32_t by) { return (value + by - 1) / by; }

/// The largest divisor of `value` that is at most `limit`, at least 1.
constexpr std::int32_t divisor_up_to(std::int32_t value, std::int64_t limit) {
    auto d = static_cast<std::int32_t>(std::clamp<std::int64_t>(limit, 1, value));
    while (value % d != 0) --d;
    return d;
}

/// The largest power of two that divides `value` and is at most `limit`.
constexpr std::int32_t power_of_two_dividing(std::int32_t value, std::int32_t limit) {
    std::int32_t p = 1;
    while (p * 2 <= limit && value % (p * 2) == 0) p *= 2;
    return p;
}

}  // namespace kiln::schedules
