#include <kiln/schedules/register_block.hpp>

#include <algorithm>

#include <kiln/schedules/cheapest.hpp>

namespace kiln::schedules {

double register_block_cycles(std::int32_t positions, std::int32_t vectors, const machine& m) {
    const double fma = positions * vectors / 2.0;
    // Where accumulators and weights leave no register for it, an input is loaded by every multiply-add that uses it.
    const bool kept = positions * vectors + vectors < m.registers;
    constexpr double loads_a_cycle = 1.7;  // two, but for those that fill the first-level cache
    const double loads = (vectors + (kept ? positions : positions * vectors)) / loads_a_cycle;
    const double latency = 4.0;  // an FMA's result is ready after four cycles: too few accumulators stall
    return std::max({fma, loads, latency}) + 0.25;  // plus the loop itself
}

bool fits_registers(std::int32_t positions, std::int32_t vectors, std::int32_t lanes, const machine& m) {
    // A register for each weight vector; AVX-512 broadcasts the input from memory, others need one for that.
    const std::int32_t broadcast = lanes == 16 ? 0 : 1;
    return positions * vectors + vectors + broadcast <= m.registers;
}

sharing_of_prefetches sharing_for(std::int32_t lanes) {
    return lanes >= 16 ? sharing_of_prefetches::by_parts : sharing_of_prefetches::by_turns;
}

std::int32_t best_register_tile(std::int32_t positions, std::int32_t vectors, std::int32_t lanes, const machine& m) {
    cheapest<std::int32_t> best;
    for (std::int32_t tile = 1; tile <= positions && fits_registers(tile, vectors, lanes, m); ++tile) {
        best.see(tile, register_block_cycles(tile, vectors, m) * divided_up(positions, tile));
    }
    return std::max(1, best.found());
}

double stays_in_l2(const machine& m) { return 0.8 * static_cast<double>(m.l2_bytes); }

double cache_bytes_per_cycle(double bytes, const machine& m) {
    if (bytes < stays_in_l2(m)) return 32;
    // That of many cores is spread over a mesh, and a core's share of it is not all near.
    const double l3 = m.l3_bytes > (std::int64_t{64} << 20) ? 8 : 16;
    if (bytes < 0.8 * static_cast<double>(m.l3_bytes)) return l3;
    return 8;
}

double first_read_cycles(double bytes, const machine& m) {
    constexpr double from_memory = 7;  // bytes a cycle: 6 on Emerald Rapids
    return bytes / (bytes < stays_in_l2(m) ? cache_bytes_per_cycle(bytes, m) : from_memory);
}

}  // namespace kiln::schedules
