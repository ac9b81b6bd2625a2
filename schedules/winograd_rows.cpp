#include <kiln/schedules/winograd_rows.hpp>

#include <algorithm>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/cheapest.hpp>
#include <kiln/schedules/register_block.hpp>
#include <kiln/schedules/spread.hpp>
#include <kiln/schedules/stages.hpp>
#include <kiln/schedules/winograd.hpp>
#include <kiln/schedules/winograd_transform.hpp>

namespace kiln::schedules {
namespace {

std::int32_t channels_of(const kernel& k) { return k.inputs[0].where.extent[0]; }

bool is_planar(const kernel& k) { return k.inputs[0].where.stride[1] == 1 && channels_of(k) > 1; }

/// Numbers of a row that are transformed at once.
std::int32_t vector_of(const winograd_row& row, std::int32_t lanes) {
    while (lanes > row.length) lanes /= 2;
    return lanes;
}

bool fits_stack(const kernel& k, const winograd_rows_parameters& p) {
    const std::int64_t reach = winograd_rows_tile_of(k, p).reach();
    const winograd_row row = winograd_row_of(k);
    return 4 * reach * std::max(row.length * row.planes, p.registers * p.block) <= most_bytes_on_stack;
}

}  // namespace

winograd_row winograd_row_of(const kernel& k) {
    const std::int32_t channels = channels_of(k), taps = unpack<ops::conv::attributes>(k.attributes).slide.extent[0];
    const std::int32_t positions = anchor_extent(k)[1] + taps - 1;
    if (is_planar(k)) return {1, channels, positions};
    return {channels, 1, positions * channels};
}

winograd_rows_parameters winograd_rows_parameters_of(const schedule& how) {
    const auto& p = how.parameters;
    return {p[0], p[1], p[2], p[3]};
}

winograd_tile winograd_rows_tile_of(const kernel& k, const winograd_rows_parameters& p) {
    return {p.tile, unpack<ops::conv::attributes>(k.attributes).slide.extent[1], 1};
}

bool winograd_rows_takes(const kernel& k, const machine& m) {
    if (k.what != anchor::operation || k.kind != op::conv || is_wide(k)) return false;
    const operand& filters = k.inputs[1];
    if (!filters.is_weight || filters.is_computed || filters.packed.stored != storage::float32) return false;
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    const ops::window& w = a.slide;
    for (std::size_t axis = 0; axis < 3; ++axis)
        if (w.stride[axis] != 1 || w.dilation[axis] != 1) return false;
    const view& in = k.inputs[0].where;
    if (a.groups != 1 || w.extent[2] != 1 || w.extent[0] != w.extent[1] || winograd_tiles_of(k).empty()) return false;
    const bool side_by_side = is_planar(k) || (in.stride[0] == 1 && in.stride[1] == in.extent[0]);
    return side_by_side && a.filters % std::min(m.lanes, 8) == 0 &&
           fits_stack(k, {m.lanes, m.lanes, winograd_tiles_of(k).front().outputs, k.pool});
}

bool winograd_rows_may_pay(const kernel& k, const machine& m) {
    return 4 * static_cast<double>(elements_of(k.output)) < stays_in_l2(m);
}

schedule schedule_of(const winograd_rows_parameters& p) {
    return {family::winograd_rows, {p.lanes, p.block, p.tile, p.registers}};
}

void for_each_winograd_rows(const kernel& k, const machine& m,
                            const std::function<void(const winograd_rows_parameters&)>& f) {
    const std::int32_t filters = k.output.extent[0], width = anchor_extent(k)[1];
    winograd_rows_parameters p;
    p.lanes = power_of_two_dividing(filters, m.lanes);
    for (const winograd_tile& tile : winograd_tiles_of(k))
        for (std::int32_t vectors = 1; vectors <= 4 && filters % (p.lanes * vectors) == 0; ++vectors) {
            p.tile = tile.outputs, p.block = p.lanes * vectors;
            const std::int32_t best = best_register_tile(width, vectors, p.lanes, m);
            const std::int32_t most = std::max(best / k.pool, 1) * k.pool;  // whole windows
            for (p.registers = most; p.registers > most / 2; p.registers -= k.pool)
                if (fits_stack(k, p)) f(p);
        }
}

double winograd_rows_cycles(const kernel& k, const machine& m, const winograd_rows_parameters& p) {
    const auto e = anchor_extent(k);
    const winograd_tile tile = winograd_rows_tile_of(k, p);
    const double reach = tile.reach(), vectors = double(e[0]) / p.lanes;
    const winograd_row row = winograd_row_of(k);
    const double step = register_block_cycles(p.registers, p.block / p.lanes, m);
    const double products =
        step * divided_up(e[1], p.registers) * (double(e[0]) / p.block) * reach * (tile.taps * channels_of(k));
    // Vector instructions, at about three a cycle: of the input loads, additions and stores; of the products that and
    // the epilogue.
    const double in = double(divided_up(row.length, vector_of(row, m.lanes))) * row.planes * reach * 4 / 3;
    const double out = e[1] * vectors * (reach * 3.5 + p.tile * 3) / 3;
    return (products + in + out) * divided_up(e[2], p.tile) * e[3] * e[4];
}

winograd_rows_parameters winograd_rows_defaults(const kernel& k, const machine& m) {
    cheapest<winograd_rows_parameters> best(1);
    for_each_winograd_rows(k, m,
                           [&](const winograd_rows_parameters& p) { best.see(p, winograd_rows_cycles(k, m, p)); });
    return best.found();
}

void schedule_winograd_rows(const kernel& k, const winograd_rows_parameters& p, stages& s) {
    using Halide::TailStrategy, Halide::Var;
    constexpr auto stack = Halide::MemoryType::Stack;
    const auto& e = k.output.extent;
    const std::int32_t positions = p.registers / k.pool, tile = p.tile / k.pool;  // what remains along x and y
    winograd_stages& g = s.winograd;
    Var block("block"), in_block("in_block"), vec("vec"), lane("lane"), xo("xo"), xi("xi"), yi("yi");
    Halide::Func f = s.result;
    f.split(s.c, block, in_block, p.block, TailStrategy::RoundUp)
        .split(in_block, vec, lane, p.lanes)
        .split(s.x, xo, xi, positions, e[1] % positions == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards)
        .split(s.y, s.y, yi, tile, e[2] % tile == 0 ? TailStrategy::RoundUp : TailStrategy::GuardWithIf)
        .vectorize(lane)
        .unroll(vec)
        .unroll(xi)
        .unroll(yi);
    const spread_loops loops = spread(k, s, {lane, vec, xi, yi, xo, block}, {}, tile);

    g.transformed.compute_at(Halide::LoopLevel(f, loops.rows))
        .store_in(stack)
        .bound_extent(s.y, 1)  // a tile at a time, which Halide does not see where the last one is not whole
        .reorder_storage(g.lane, g.part, g.i, s.y, s.z, s.n)
        .reorder(g.lane, g.i, g.part, s.y, s.z, s.n)
        .vectorize(g.lane, vector_of(winograd_row_of(k), p.lanes), TailStrategy::ShiftInwards)
        .unroll(g.i);
    Var sv("sv"), sl("sl");
    g.products.compute_at(f, xo)
        .store_in(stack)
        .bound_extent(s.y, 1)
        .split(s.c, sv, sl, p.lanes)
        .reorder(sl, sv, s.x, g.i)
        .vectorize(sl)
        .unroll(sv)
        .unroll(s.x);
    s.sum.compute_at(g.products, g.i)
        .store_in(stack)
        .split(s.c, sv, sl, p.lanes)
        .reorder(sl, sv, s.x)
        .vectorize(sl)
        .unroll(sv)
        .unroll(s.x);
    s.sum.update()
        .split(s.c, sv, sl, p.lanes)
        .reorder(sl, sv, s.x, s.reduction[0], s.reduction[1])
        .vectorize(sl)
        .unroll(sv)
        .unroll(s.x);
}

}  // namespace kiln::schedules
