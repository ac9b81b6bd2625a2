// How the loops of a direct convolution are cut, ordered and shared out; what may be chosen is in direct_conv.cpp.
#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/direct_conv.hpp>
#include <kiln/schedules/spread.hpp>
#include <kiln/schedules/widen.hpp>

namespace kiln::schedules {
namespace {

/// The innermost loop over parts of the reduction that has more than one.
const Halide::RVar& loop_over_parts(const kernel& k, const direct_conv_parameters& p, const stages& s) {
    const auto a = unpack<ops::conv::attributes>(k.attributes);
    if (k.inputs[0].where.extent[0] / a.groups > p.part) return s.parts[0];
    std::size_t axis = 0;
    while (a.slide.extent[axis] == 1) ++axis;  // a part is less than the reduction
    return s.parts[axis + 1];
}

/// Whether an operand of the epilogue is read like the output is written, so that a register block knows its part.
bool prefetches_beside(const kernel& k, const operand& o, bool joined) {
    return !o.is_weight && o.where.type == element::float32 && o.where.extent == k.output.extent &&
           o.where.stride[0] == 1 && o.where.stride[1] > 0 && (!joined || !o.where.has_row_gaps());
}

}  // namespace

void schedule_direct_conv(const kernel& k, const direct_conv_parameters& p, stages& s) {
    using Halide::TailStrategy;
    constexpr auto beyond = Halide::PrefetchBoundStrategy::NonFaulting;  // the end of memory may be prefetched too
    Halide::Var block("block"), lane("lane"), xo("xo"), vec("vec"), in_block("in_block");
    const direct_conv_extents of = direct_conv_extents_of(k, p);
    const std::int32_t filters = k.output.extent[0], width = of.row;
    const bool whole = filters % p.block == 0, joined = !s.positions.empty();

    Halide::Stage f = joined ? s.result.update() : Halide::Stage(s.result);
    const Halide::VarOrRVar xi = joined ? Halide::VarOrRVar(s.positions[0]) : Halide::Var("xi");
    f.split(s.c, block, in_block, p.block, whole ? TailStrategy::RoundUp : TailStrategy::GuardWithIf)
        .split(in_block, vec, lane, p.lanes);
    if (!joined) f.split(s.x, xo, xi, p.tile, width % p.tile == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards);
    f.vectorize(lane).unroll(vec).unroll(xi);
    std::vector<Halide::VarOrRVar> inner{lane, vec, xi, joined ? s.z : xo};
    stages outer = s;
    if (p.samples > 1) {
        Halide::Var no("no"), ni("ni");
        const bool even = k.output.extent[batch_axis] % p.samples == 0;
        f.split(s.n, no, ni, p.samples, even ? TailStrategy::RoundUp : TailStrategy::ShiftInwards).unroll(ni);
        inner.insert(inner.begin() + 3, ni);
        outer.n = no;
    }
    const block_loop blocks{&block, divided_up(filters, p.block), p.filters_outside != 0};
    // Tasks do not divide rows where filters make enough of them and the next block's weights are prefetched: those
    // that come while one row is computed come in a burst that memory cannot keep up with.
    constexpr std::int32_t enough_tasks = 8;
    const bool whole_rows =
        p.chunk == 0 && p.ahead == of.steps && blocks.count * k.output.extent[batch_axis] >= enough_tasks;
    const std::int32_t chunk = whole_rows ? of.rows : p.chunk;
    // z inside the blocks of positions: what a task has too many of is left out with the sums, which are computed
    // there.
    const spread_loops loops =
        joined ? spread(k, f, inner, {s.positions[1], p.tiles_in(width), chunk}, schedules::around_rows(outer, blocks),
                        std::int64_t(blocks.count) * k.output.extent[batch_axis])
               : spread(k, outer, inner, blocks, 1, chunk);
    const Halide::LoopLevel around_rows(s.result, loops.around_rows);

    // What else a register block reads, for a sum with another layer's output, comes while its products are summed.
    const Halide::VarOrRVar at = joined ? loops.rows : Halide::VarOrRVar(xo);
    for (std::size_t i = static_cast<std::size_t>(k.anchor_operands); i < k.inputs.size(); ++i)
        if (prefetches_beside(k, k.inputs[i], joined)) f.prefetch(s.inputs[i], at, at, 0, beyond);

    Halide::Var sv("sv"), sl("sl"), to("to"), ti("ti");
    if (p.part > 0) {
        s.total.align_bounds(s.c, p.block).compute_at(around_rows).store_in(on_stack);
        s.total.bound(s.x, 0, width).split(s.c, sv, sl, p.lanes).reorder(sl, sv, s.x).vectorize(sl).unroll(sv);
        std::vector<Halide::VarOrRVar> order{sl, sv, ti, to, s.y, s.z, s.n};
        for (const Halide::RVar& r : s.parts) order.emplace_back(r);
        s.total.update()
            .split(s.c, sv, sl, p.lanes)
            .split(s.x, to, ti, p.tile)
            .reorder(order)
            .vectorize(sl)
            .unroll(sv)
            .unroll(ti);
        s.sum.compute_at(s.total, to);
    } else {
        s.sum.align_bounds(s.c, p.block).compute_at(s.result, joined ? s.z : xo);
    }
    s.sum.store_in(Halide::MemoryType::Stack);
    s.sum.split(s.c, sv, sl, p.lanes).reorder(sl, sv, s.x, s.n).vectorize(sl).unroll(sv).unroll(s.x).unroll(s.n);
    std::vector<Halide::VarOrRVar> order{sl, sv, s.x, s.n};
    for (const Halide::RVar& r : s.reduction) order.emplace_back(r);
    for (const Halide::Var& v : {s.y, s.z}) order.emplace_back(v);
    auto update = s.sum.update();
    update.split(s.c, sv, sl, p.lanes).reorder(order).vectorize(sl).unroll(sv).unroll(s.x).unroll(s.n);
    const sharing_of_prefetches sharing = sharing_for(p.lanes);
    if (p.widen) {
        widen(s, p.part > 0 ? Halide::LoopLevel(s.total, s.parts[0]) : around_rows, p.block, p.lanes);
        const std::string around = p.part > 0 ? loop_over_parts(k, p, s).name() : loops.around_rows.name();
        if (p.ahead > 0) s.prefetched = {around, p.block * of.steps};
    } else if (p.ahead > 0) {
        update.prefetch(s.inputs[1], s.reduction[0], s.reduction[0], p.ahead, beyond);
        if (p.ahead == of.steps && (p.part == 0 || sharing == sharing_of_prefetches::by_parts)) s.sharing = sharing;
    }
    if (p.unroll > 1) update.unroll(s.reduction[0], p.unroll);
}

}  // namespace kiln::schedules
