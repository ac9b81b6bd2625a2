#include <kiln/schedules/strassen.hpp>

#include <algorithm>
#include <cmath>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/cheapest.hpp>
#include <kiln/schedules/register_block.hpp>
#include <kiln/schedules/shared_blocks.hpp>
#include <kiln/schedules/stages.hpp>

namespace kiln::schedules {
namespace {

// Into the second-level cache, by way of the first.
constexpr double bytes_written_per_cycle = 32;
// More do not fit a second-level cache.
constexpr std::int32_t most_pairs_of_a_block = 256;

std::int32_t samples_of(const kernel& k) { return k.output.extent[3] * k.output.extent[batch_axis]; }

std::int64_t transformed_bytes(const strassen_shape& w, const strassen_parameters& p) {
    return std::int64_t{4} * w.channel_lanes * odd(w.channel_parts) * odd(p.pairs) * strassen_products;
}

std::int64_t product_bytes(const strassen_parameters& p) {
    return std::int64_t{4} * p.block * odd(p.pairs) * strassen_products;
}

}  // namespace

std::array<float, strassen_products> strassen_weights(float b11, float b12, float b21, float b22) {
    return {b11 + b22, b11, b12 - b22, b21 - b11, b22, b11 + b12, b21 + b22};
}

strassen_parameters strassen_parameters_of(const schedule& how) {
    const auto& p = how.parameters;
    return {p[0], p[1], p[2], p[3], p[4], p[5]};
}

strassen_shape strassen_shape_of(const kernel& k, const strassen_parameters& p) {
    const std::int32_t half = k.inputs[0].where.extent[0] / 2;
    strassen_shape w{};
    w.positions = k.output.extent[1] * k.output.extent[2];
    w.all_pairs = divided_up(w.positions, 2);
    w.blocks = divided_up(w.all_pairs, p.pairs);
    w.channel_lanes = power_of_two_dividing(half, p.lanes);
    w.channel_parts = half / w.channel_lanes;
    return w;
}

bool strassen_takes(const kernel& k, const machine& m) {
    if (k.what != anchor::operation || k.kind != op::conv || is_wide(k)) return false;
    const operand& filters = k.inputs[1];
    if (!filters.is_weight || filters.is_computed || filters.packed.stored != storage::float32) return false;
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    for (const std::int32_t extent : a.slide.extent)
        if (extent != 1) return false;
    return a.groups == 1 && k.output.extent[1] * k.output.extent[2] > 1 &&
           k.inputs[0].where.extent[0] % (2 * m.lanes) == 0 && a.filters % (2 * m.lanes) == 0;
}

schedule schedule_of(const strassen_parameters& p) {
    return {family::strassen, {p.lanes, p.block, p.pairs, p.registers, p.tasks, p.by_filters}};
}

void for_each_strassen(const kernel& k, const machine& m, const std::function<void(const strassen_parameters&)>& f) {
    strassen_parameters p;
    p.lanes = m.lanes;
    const std::int32_t half = k.output.extent[0] / 2, all = strassen_shape_of(k, p).all_pairs;
    std::int32_t last = 0;
    for (std::int32_t parts = divided_up(all, most_pairs_of_a_block); parts <= 64; ++parts) {
        p.pairs = divided_up(all, parts);
        if (p.pairs == last) continue;
        last = p.pairs;
        for (std::int32_t vectors = 1; vectors <= 4 && vectors * p.lanes <= half; ++vectors) {
            p.block = p.lanes * vectors;
            if (half % p.block != 0) continue;
            p.registers = best_register_tile(p.pairs, vectors, p.lanes, m);
            const shared_out out = share_out(k, strassen_shape_of(k, p).blocks * samples_of(k), half / p.block);
            p.tasks = out.tasks, p.by_filters = out.by_filters;
            f(p);
        }
    }
}

double strassen_cycles(const kernel& k, const machine& m, const strassen_parameters& p, std::int32_t threads) {
    const strassen_shape w = strassen_shape_of(k, p);
    const double channels = w.channel_lanes * w.channel_parts, filters = k.output.extent[0] / 2.0;
    const double blocks = double(w.blocks) * samples_of(k), of_filters = filters / p.block;
    const double step = register_block_cycles(p.registers, p.block / p.lanes, m);
    block_cycles each;
    each.products = step * divided_up(p.pairs, p.registers) * of_filters * strassen_products * channels;
    // Of a pair and a vector of channels: four loads, five additions, seven stores. Of a pair and two vectors of
    // filters: seven loads, nine additions, four stores, and as much again for the epilogue.
    each.transformed_bytes = static_cast<double>(transformed_bytes(w, p));
    const double input_bytes = 16.0 * channels * p.pairs, all_input = input_bytes * blocks;
    each.in = std::max(8.0 * p.pairs * w.channel_parts, input_bytes / cache_bytes_per_cycle(all_input, m) +
                                                            each.transformed_bytes / bytes_written_per_cycle);
    each.out = 14.0 * p.pairs * (filters / p.lanes);
    each.weights_bytes = 4.0 * strassen_products * channels * filters;
    each.times_read = of_filters;
    // Weights of a product that do not stay in the first-level cache come from the second for each register block.
    const std::int64_t of_product = std::int64_t{4} * p.block * w.channel_lanes * w.channel_parts;
    if (of_product > m.l1_bytes) each.weights_bytes_again = each.weights_bytes * (divided_up(p.pairs, p.registers) - 1);
    return shared_cycles(m, each, blocks, of_filters, p.pairs, {p.tasks, p.by_filters}, threads);
}

double strassen_cost(const kernel& k, const machine& m, const strassen_parameters& p) {
    return cost_of([&](std::int32_t threads) { return strassen_cycles(k, m, p, threads); });
}

strassen_parameters strassen_defaults(const kernel& k, const machine& m) {
    cheapest<strassen_parameters> best(1);
    for_each_strassen(k, m, [&](const strassen_parameters& p) { best.see(p, strassen_cost(k, m, p)); });
    return best.found();
}

scratch strassen_scratch(const kernel& k, const strassen_parameters& p) {
    return shared_scratch(transformed_bytes(strassen_shape_of(k, p), p), product_bytes(p), {p.tasks, p.by_filters});
}

void schedule_strassen(const kernel& k, const strassen_parameters& p, stages& s) {
    using Halide::TailStrategy;
    using Halide::Var;
    const strassen_shape w = strassen_shape_of(k, p);
    const auto& e = k.output.extent;
    winograd_stages& g = s.winograd;
    const auto tail = [](std::int32_t extent, std::int32_t factor) {
        return extent % factor == 0 ? TailStrategy::RoundUp : TailStrategy::GuardWithIf;
    };

    Var block("block"), two_blocks("two_blocks"), half("half"), in_block("in_block"), vec("vec"), lane("lane");
    const Halide::RVar which = s.positions[0], in_pairs = s.positions[1], blocks = s.positions[2];
    Halide::Stage f = s.result.update();
    f.split(s.c, block, two_blocks, 2 * p.block, TailStrategy::RoundUp)
        .split(two_blocks, half, in_block, p.block)
        .split(in_block, vec, lane, p.lanes)
        .reorder({lane, half, which, vec, in_pairs, block, blocks, s.z, s.n})
        .vectorize(lane)
        .unroll(half)
        .unroll(which);

    Halide::LoopLevel pairs_outer(s.result, blocks), filters_outer(s.result, block);
    if (p.tasks > 1 && !p.by_filters) {
        const Halide::RVar planes("planes"), all("all"), task("task"), in_task("in_task");
        const std::int32_t each = divided_up(w.blocks * samples_of(k), p.tasks);
        f.fuse(blocks, s.z, planes)
            .fuse(planes, s.n, all)
            .split(all, task, in_task, each, TailStrategy::GuardWithIf)
            .allow_race_conditions()  // tasks write positions of their own
            .parallel(task);
        pairs_outer = Halide::LoopLevel(s.result, in_task);
    }
    if (p.tasks > 1 && p.by_filters) {
        Var task("task"), in_task("in_task");
        const std::int32_t count = e[0] / 2 / p.block, each = divided_up(count, p.tasks);
        f.split(block, task, in_task, each, tail(count, each)).parallel(task);
        filters_outer = Halide::LoopLevel(s.result, in_task);
    }

    g.transformed.compute_at(pairs_outer)
        .bound(g.tile, 0, p.pairs)
        .bound(g.part, 0, w.channel_parts)
        .bound(g.i, 0, strassen_products)
        .bound_extent(g.block, 1)
        .reorder_storage(g.lane, g.tile, g.part, g.i, g.block, s.z, s.n)
        .align_storage(g.tile, odd(p.pairs))
        .align_storage(g.part, odd(w.channel_parts))
        .reorder(g.lane, g.i, g.part, g.tile)
        .vectorize(g.lane)
        .unroll(g.i);
    if (p.tasks > 1 && p.by_filters) {  // shared by all threads
        Var task("task");
        const std::int32_t each = divided_up(p.pairs, p.tasks);
        g.transformed.split(g.tile, task, g.tile, each, tail(p.pairs, each)).parallel(task);
    }

    g.products.compute_at(filters_outer)
        .bound(g.tile, 0, p.pairs)
        .bound(g.i, 0, strassen_products)
        .bound_extent(g.block, 1)
        .align_bounds(s.c, p.block)
        .align_storage(g.tile, odd(p.pairs));
    schedule_products(s, {p.lanes, p.pairs, p.registers, w.channel_lanes, w.channel_parts, {g.i}});
}

}  // namespace kiln::schedules
