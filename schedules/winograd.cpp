#include <kiln/schedules/winograd.hpp>

#include <algorithm>
#include <cmath>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/cheapest.hpp>
#include <kiln/schedules/register_block.hpp>
#include <kiln/schedules/shared_blocks.hpp>
#include <kiln/schedules/stages.hpp>
#include <kiln/schedules/winograd_filters.hpp>
#include <kiln/schedules/winograd_transform.hpp>

namespace kiln::schedules {
namespace {

// More do not fit a second-level cache.
constexpr std::int32_t most_tiles_of_a_block = 128;
// To add a register block's vector to those of the chunks before: loads, addition, store, and it starts at zero.
constexpr double cycles_of_a_chunks_sum = 1.6;
constexpr double instructions_per_cycle = 4;

/// Among threads.
void share_out(const kernel& k, winograd_parameters& p) {
    const shared_out out =
        share_out(k, winograd_shape_of(k, p).blocks() * k.output.extent[batch_axis], k.output.extent[0] / p.block);
    p.tasks = out.tasks, p.by_filters = out.by_filters;
}

std::int64_t transformed_bytes(const winograd_shape& w) {
    return std::int64_t{4} * w.channel_lanes * odd(w.channel_parts) * odd(w.input_tiles) * w.tile.frequencies();
}

std::int64_t product_bytes(const winograd_shape& w, const winograd_parameters& p) {
    return std::int64_t{4} * p.block * odd(w.output_tiles) * w.tile.frequencies();
}

/// Eight rows at a time do not fit registers.
double spills(const winograd_tile& tile) { return tile.reach() > 6 ? 1.4 : 1; }

/// Of a row of frequencies of a vector of filters: taps are loaded, combined along y and along x, and stored.
double row_cycles(const winograd_tile& tile) {
    return spills(tile) * (tile.taps * (tile.taps + 2.0) + 2.2 * tile.reach()) / instructions_per_cycle;
}

/// The largest chunk of channels, and half of it. Register blocks must divide the tiles evenly: what is computed twice
/// would be added twice.
void for_each_chunk(const kernel& k, winograd_parameters p, const std::function<void(const winograd_parameters&)>& f) {
    if (k.inputs[1].is_computed) return;
    const winograd_shape w = winograd_shape_of(k, p);
    const std::int64_t part_bytes = std::int64_t{4} * w.channel_lanes * p.block * w.tile.reach();
    if (part_bytes > most_bytes_on_stack) return;  // of a row of frequencies
    const std::int32_t most = divisor_up_to(w.group_parts, most_bytes_on_stack / part_bytes);
    p.chunk = w.channel_lanes * most;
    f(p);
    if (most % 2 != 0) return;
    p.chunk /= 2;
    f(p);
}

/// Filters of a row of frequencies: one channel's vector of them at a time, first along y, then along x.
void schedule_chunks(const winograd_shape& w, const winograd_parameters& p, stages& s) {
    Halide::Var vec("vec"), lane("lane");
    winograd_stages& g = s.winograd;
    // Each step of either takes a channel's vector: a row's frequencies are made of it, or multiplied by all tiles.
    const double to_multiply = w.output_tiles * w.tile.reach() / 2.0;
    s.prefetched = {g.chunks[0].name(), p.chunk * w.tile.taps * w.tile.taps * p.block,
                    row_cycles(w.tile) / (row_cycles(w.tile) + to_multiply)};
    g.products.update().unroll(g.j);  // the terms that a row is made of are then known
    g.filters.compute_at(g.products, g.j)
        .store_in(Halide::MemoryType::Stack)
        .bound_extent(g.channel, p.chunk)
        .reorder_storage(s.c, g.channel, g.i, g.j, g.part)
        .split(s.c, vec, lane, p.lanes)
        .reorder(lane, g.i, vec, g.channel, g.j, g.part)
        .vectorize(lane)
        .unroll(g.i);
    g.filter_rows.compute_at(g.filters, vec).store_in(Halide::MemoryType::Stack).vectorize(s.c, p.lanes).unroll(g.i);
}

}  // namespace

winograd_parameters winograd_parameters_of(const schedule& how) {
    const auto& p = how.parameters;
    return {p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9]};
}

winograd_shape winograd_shape_of(const kernel& k, const winograd_parameters& p) {
    const auto e = anchor_extent(k);
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    winograd_shape w{};
    w.tile = {p.tile, a.slide.extent[0], a.slide.stride[0]};
    w.tiles_x = divided_up(e[1], p.tile);
    w.tiles_y = divided_up(e[2], p.tile);
    w.blocks_x = divided_up(w.tiles_x, p.along_x);
    w.blocks_y = divided_up(w.tiles_y, p.along_y);
    w.blocks_z = divided_up(e[3], p.along_z);
    w.depth = a.slide.extent[2];
    w.slice = p.along_x * p.along_y;
    w.output_tiles = w.slice * p.along_z;
    w.input_tiles = w.slice * (p.along_z + w.depth - 1);
    const std::int32_t channels = k.inputs[0].where.extent[0] / a.groups;
    w.channel_lanes = power_of_two_dividing(channels, p.lanes);
    w.group_parts = channels / w.channel_lanes;
    w.channel_parts = w.group_parts * a.groups;
    w.chunk_parts = p.chunk > 0 ? p.chunk / w.channel_lanes : w.group_parts;
    w.chunks = w.group_parts / w.chunk_parts;
    return w;
}

bool winograd_takes(const kernel& k, const machine& m) {
    if (k.what != anchor::operation || k.kind != op::conv) return false;
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    const ops::window& w = a.slide;
    if (w.extent[0] != w.extent[1] || w.stride[0] != w.stride[1]) return false;
    for (const std::int32_t one : {w.stride[2], w.dilation[0], w.dilation[1], w.dilation[2]})
        if (one != 1) return false;
    if (winograd_tiles_of(k).empty()) return false;
    if (k.inputs[1].is_computed && w.extent[2] != 1) return false;
    const std::int32_t enough = std::min(m.lanes, 8);
    return !is_wide(k) && power_of_two_dividing(k.inputs[0].where.extent[0] / a.groups, m.lanes) >= enough &&
           power_of_two_dividing(a.filters / a.groups, m.lanes) >= enough;
}

std::vector<winograd_tile> winograd_tiles_of(const kernel& k) {
    const ops::window w = unpack<ops::conv::attributes>(k.attributes).slide;
    std::vector<winograd_tile> tiles = winograd_tiles(w.extent[0], w.stride[0]);
    std::erase_if(tiles, [&](const winograd_tile& t) {
        return t.outputs % k.pool != 0 || (k.inputs[1].is_computed && t.points() > most_points_of_computed_filters);
    });
    return tiles;
}

storage winograd_storage(storage wanted, const winograd_tile& tile) {
    return tile.points() > 4 || wanted == storage::float32 ? storage::float32 : storage::bfloat16;
}

double winograd_cycles(const kernel& k, const machine& m, const winograd_parameters& p, std::int32_t threads) {
    const winograd_shape w = winograd_shape_of(k, p);
    const std::int32_t reach = w.tile.reach();
    const double frequencies = w.tile.frequencies();
    const double channels = w.channel_lanes * w.group_parts, filters = k.output.extent[0];  // channels a filter reads
    const double blocks = double(w.blocks()) * k.output.extent[schedules::batch_axis];

    const double vectors = p.block / p.lanes, step = register_block_cycles(p.registers, p.block / p.lanes, m);
    const double of_filters = filters / p.block;
    block_cycles each;
    each.products = step * divided_up(w.output_tiles, p.registers) * of_filters * frequencies * channels * w.depth;
    // Vector instructions of the transforms, at about three a cycle: each axis of a tile takes loads, additions and
    // stores.
    each.in = spills(w.tile) * 2 * reach * (reach * 4.0) / 3 * w.input_tiles * w.channel_parts;
    each.out = spills(w.tile) * (reach + p.tile) * (reach * 2.5 + p.tile) / 3 * w.output_tiles * (filters / p.lanes);
    const storage stored = k.inputs[1].packed.stored;
    each.weights_bytes = channels * filters * w.depth;
    if (p.chunk == 0)
        each.weights_bytes *= frequencies * static_cast<double>(bytes_of(winograd_storage(stored, w.tile)));
    else {
        each.weights_bytes *= w.tile.taps * w.tile.taps * static_cast<double>(bytes_of(stored));
        each.products += reach * row_cycles(w.tile) * channels * w.depth * (filters / p.lanes);
        each.products +=
            cycles_of_a_chunks_sum * w.chunks * w.depth * frequencies * w.output_tiles * vectors * of_filters;
    }
    each.weights_from_memory = !k.inputs[1].is_computed;
    each.transformed_bytes = static_cast<double>(transformed_bytes(w));
    each.times_read = double(w.group_parts) / w.channel_parts * of_filters;
    return shared_cycles(m, each, blocks, of_filters, w.input_tiles, {p.tasks, p.by_filters}, threads);
}

double winograd_cost(const kernel& k, const machine& m, const winograd_parameters& p) {
    const double filters = k.inputs[1].is_computed ? winograd_filters_cycles(k, m, winograd_shape_of(k, p).tile) : 0;
    return filters + cost_of([&](std::int32_t threads) { return winograd_cycles(k, m, p, threads); });
}

void for_each_winograd(const kernel& k, const machine& m, const std::function<void(const winograd_parameters&)>& f) {
    const auto e = anchor_extent(k);
    winograd_parameters p;
    const std::int32_t filters = e[0] / unpack<ops::conv::attributes>(k.attributes).groups;
    p.lanes = power_of_two_dividing(filters, m.lanes);
    for (const winograd_tile& tile : winograd_tiles_of(k)) {
        p.tile = tile.outputs;
        const std::int32_t tiles_x = divided_up(e[1], p.tile), tiles_y = divided_up(e[2], p.tile);
        for (std::int32_t parts_x = 1; parts_x <= std::min(tiles_x, 8); ++parts_x) {
            p.along_x = divided_up(tiles_x, parts_x);
            for (p.along_y = 1; p.along_y <= tiles_y; ++p.along_y)
                for (p.along_z = 1; p.along_z <= e[3]; p.along_z *= 2) {
                    const std::int32_t tiles = p.along_x * p.along_y * p.along_z;
                    if (tiles > most_tiles_of_a_block) break;
                    for (std::int32_t vectors = 1; vectors <= 4 && filters % (p.lanes * vectors) == 0; ++vectors) {
                        p.block = p.lanes * vectors;
                        p.chunk = 0;
                        p.registers = best_register_tile(tiles, vectors, p.lanes, m);
                        share_out(k, p);
                        if (k.inputs[1].packed.stored != storage::int8) f(p);
                        p.registers = divisor_up_to(tiles, p.registers);
                        for_each_chunk(k, p, f);
                    }
                }
        }
    }
}

winograd_parameters winograd_defaults(const kernel& k, const machine& m) {
    cheapest<winograd_parameters> best(1);
    for_each_winograd(k, m, [&](const winograd_parameters& p) { best.see(p, winograd_cost(k, m, p)); });
    return best.found();
}

schedule schedule_of(const winograd_parameters& p) {
    return {family::winograd,
            {p.lanes, p.block, p.tile, p.registers, p.along_x, p.along_y, p.along_z, p.tasks, p.by_filters, p.chunk}};
}

scratch winograd_scratch(const kernel& k, const winograd_parameters& p) {
    const winograd_shape w = winograd_shape_of(k, p);
    return shared_scratch(transformed_bytes(w), product_bytes(w, p), {p.tasks, p.by_filters});
}

void schedule_winograd(const kernel& k, const winograd_parameters& p, stages& s) {
    using Halide::TailStrategy;
    using Halide::Var;
    const winograd_shape w = winograd_shape_of(k, p);
    const auto& e = k.output.extent;
    const std::int32_t tile = p.tile / k.pool;  // what remains of one along an axis
    winograd_stages& g = s.winograd;
    const auto tail = [](std::int32_t extent, std::int32_t factor) {
        return extent % factor == 0 ? TailStrategy::RoundUp : TailStrategy::GuardWithIf;
    };

    Var block("block"), in_block("in_block"), vec("vec"), lane("lane"), tx("tx"), ty("ty"), xi("xi"), yi("yi");
    Var bx("bx"), by("by"), bz("bz"), txi("txi"), tyi("tyi"), zi("zi");
    Halide::Func f = s.result;
    f.split(s.c, block, in_block, p.block, TailStrategy::RoundUp)
        .split(in_block, vec, lane, p.lanes)
        .split(s.x, tx, xi, tile, tail(e[1], tile))
        .split(tx, bx, txi, p.along_x, tail(w.tiles_x, p.along_x))
        .split(s.y, ty, yi, tile, tail(e[2], tile))
        .split(ty, by, tyi, p.along_y, tail(w.tiles_y, p.along_y))
        .split(s.z, bz, zi, p.along_z, tail(e[3], p.along_z))
        .reorder({lane, xi, yi, vec, txi, tyi, zi, block, bx, by, bz, s.n})
        .vectorize(lane)
        .unroll(xi)
        .unroll(yi);

    Var tiles_outer = bx;  // the loop over blocks of tiles that the transformed input belongs to
    if (p.tasks > 1 && !p.by_filters) {
        Var rows("rows"), planes("planes"), all("all"), task("task"), in_task("in_task");
        f.fuse(bx, by, rows).fuse(rows, bz, planes).fuse(planes, s.n, all);
        const std::int32_t count = w.blocks() * e[batch_axis];
        f.split(all, task, in_task, divided_up(count, p.tasks), tail(count, divided_up(count, p.tasks))).parallel(task);
        tiles_outer = in_task;
    }
    Var filters_outer = block;
    if (p.tasks > 1 && p.by_filters) {
        Var task("task"), in_task("in_task");
        const std::int32_t count = e[0] / p.block;
        f.split(block, task, in_task, divided_up(count, p.tasks), tail(count, divided_up(count, p.tasks)))
            .parallel(task);
        filters_outer = in_task;
    }

    // Of the input: one tile's vector of channels at a time, first along x, then along y. What is summed together, all
    // channels of a frequency, lies together.
    g.transformed.compute_at(f, tiles_outer)
        .bound(g.tile, 0, w.input_tiles)
        .bound(g.part, 0, w.channel_parts)
        .bound_extent(g.block, 1)
        .reorder_storage(g.lane, g.tile, g.part, g.i, g.j, g.block, s.n)
        .align_storage(g.tile, odd(w.input_tiles))
        .align_storage(g.part, odd(w.channel_parts))
        .reorder(g.lane, g.i, g.j, g.part, g.tile)
        .vectorize(g.lane)
        .unroll(g.i)
        .unroll(g.j);
    if (p.tasks > 1 && p.by_filters) {  // shared by all threads
        Var task("task");
        const std::int32_t each = divided_up(w.input_tiles, p.tasks);
        g.transformed.split(g.tile, task, g.tile, each, tail(w.input_tiles, each)).parallel(task);
    }
    g.columns.compute_at(g.transformed, g.part)
        .store_in(Halide::MemoryType::Stack)
        .vectorize(g.lane)
        .unroll(g.i)
        .unroll(g.j);

    g.products.compute_at(f, filters_outer)
        .bound(g.tile, 0, w.output_tiles)
        .bound_extent(g.block, 1)
        .align_storage(g.tile, odd(w.output_tiles));
    const std::int32_t parts = p.chunk > 0 ? w.chunk_parts : w.group_parts * w.depth;
    schedule_products(s, {p.lanes, w.output_tiles, p.registers, w.channel_lanes, parts, {g.i, g.j}});
    if (p.chunk > 0) schedule_chunks(w, p, s);

    // Of the output: one tile's vector of filters at a time, first along x, then along y.
    g.rows.compute_at(f, vec)
        .store_in(Halide::MemoryType::Stack)
        .bound_extent(g.tile_x, 1)
        .bound_extent(g.tile_y, 1)
        .vectorize(s.c, p.lanes)
        .unroll(g.i)
        .unroll(g.j);
}

}  // namespace kiln::schedules
