#include <kiln/schedules/shared_blocks.hpp>

#include <algorithm>
#include <cmath>

#include <kiln/schedules/register_block.hpp>

namespace kiln::schedules {
namespace {

// Until all threads are at work, and until all are known to be done.
constexpr double cycles_to_hand_over = 4000;
// Of what another core has just written: 1.5 to 2 on Emerald Rapids.
constexpr double bytes_per_cycle_from_others = 2;

/// For each step its own; where register blocks take turns, those of a vector of channels, so that steps are left
/// alone.
void prefetch_next_weights(stages& s, std::int32_t lanes, std::int32_t channel_lanes, std::int32_t parts) {
    s.sharing = sharing_for(lanes);
    const bool by_turns = s.sharing == sharing_of_prefetches::by_turns;
    const Halide::RVar each = s.reduction[by_turns ? 1 : 0];
    const std::int32_t steps = parts * (by_turns ? 1 : channel_lanes);
    s.sum.update().prefetch(s.inputs[1], each, each, steps, Halide::PrefetchBoundStrategy::NonFaulting);
}

}  // namespace

shared_out share_out(const kernel& k, std::int32_t input_blocks, std::int32_t filter_blocks) {
    const auto tasks = static_cast<std::int32_t>(std::min<std::int64_t>(tasks_for(work_of(k)), scratch::most_slots));
    const bool by_filters = input_blocks < tasks && filter_blocks > input_blocks;
    return {std::min(tasks, by_filters ? filter_blocks : input_blocks), by_filters};
}

scratch shared_scratch(std::int64_t transformed_bytes, std::int64_t product_bytes, const shared_out& out) {
    const std::int64_t transformed = scratch::block_of(transformed_bytes), products = scratch::block_of(product_bytes);
    if (out.tasks < 2) return {transformed + products, 0, 0};
    if (out.by_filters) return {transformed, products, out.tasks};
    return {0, transformed + products, out.tasks};
}

double shared_cycles(const machine& m, const block_cycles& each, double blocks, double filter_blocks, double tiles,
                     const shared_out& out, std::int32_t threads) {
    const double read_again = each.transformed_bytes * each.times_read;
    const double weights_again = each.weights_bytes_again / cache_bytes_per_cycle(0, m);
    const double again = each.weights_bytes / cache_bytes_per_cycle(each.weights_bytes + each.transformed_bytes, m);
    const double first = each.weights_from_memory ? first_read_cycles(each.weights_bytes, m) : again;
    const double weights = (first + (blocks - 1) * again) / blocks;
    const double traffic = weights + weights_again + read_again / cache_bytes_per_cycle(each.transformed_bytes, m);
    // What does not stay in the second-level cache is fetched before it is written, and goes back.
    const double too_much = std::max(0.0, each.transformed_bytes - stays_in_l2(m));
    const double written = 2 * too_much / cache_bytes_per_cycle(each.transformed_bytes, m);

    // What the slowest thread has to do. Threads that share blocks of filters meet twice for each block of tiles.
    const auto share = [&](double count) {
        const double of_task = std::ceil(count / out.tasks), tasks = std::ceil(count / of_task);
        return std::min(1.0, std::ceil(tasks / threads) * of_task / count);
    };
    const double handing_over = threads > 1 ? cycles_to_hand_over : 0;
    const double sums_share = out.by_filters ? share(filter_blocks) : share(blocks);
    const double sums = std::max(each.products, traffic) + 0.5 * std::min(each.products, traffic) + each.out;
    const double of_others = out.by_filters ? each.transformed_bytes * (threads - 1) / threads : 0;
    const double together = sums * sums_share + (each.in + written) * (out.by_filters ? share(tiles) : sums_share) +
                            of_others / bytes_per_cycle_from_others;
    return blocks * together + handing_over * (out.by_filters ? 2 * blocks : 1);
}

void schedule_products(stages& s, const products_of_a_block& p) {
    using Halide::TailStrategy, Halide::Var, Halide::VarOrRVar;
    winograd_stages& g = s.winograd;
    const bool in_chunks = g.filters.defined();
    Var outer("outer"), inner("inner"), sv("sv"), sl("sl");
    std::vector<VarOrRVar> around{sl, sv, inner, outer}, reduced{sl, sv, g.tile};
    around.insert(around.end(), p.frequencies.begin(), p.frequencies.end());
    reduced.insert(reduced.end(), s.reduction.begin(), s.reduction.end());
    if (in_chunks) {
        g.products.split(s.c, sv, sl, p.lanes).vectorize(sl);
        around.insert(around.end(), g.chunks.begin(), g.chunks.end());
    }
    (in_chunks ? g.products.update() : Halide::Stage(g.products))
        .split(g.tile, outer, inner, p.registers,
               p.tiles % p.registers == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards)
        .split(s.c, sv, sl, p.lanes)
        .reorder(around)
        .vectorize(sl)
        .unroll(sv)
        .unroll(inner);
    s.sum.compute_at(g.products, outer).store_in(Halide::MemoryType::Stack);
    s.sum.split(s.c, sv, sl, p.lanes).reorder(sl, sv, g.tile).vectorize(sl).unroll(sv).unroll(g.tile);
    if (!in_chunks) prefetch_next_weights(s, p.lanes, p.channel_lanes, p.parts);
    s.sum.update().split(s.c, sv, sl, p.lanes).reorder(reduced).vectorize(sl).unroll(sv).unroll(g.tile);
}

}  // namespace kiln::schedules
