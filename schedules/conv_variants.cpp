#include <kiln/schedules/conv_variants.hpp>

#include <algorithm>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/cheapest.hpp>
#include <kiln/schedules/register_block.hpp>
#include <kiln/schedules/spread.hpp>
#include <kiln/schedules/streaming.hpp>

namespace kiln::schedules {
namespace {

std::vector<Halide::VarOrRVar> after(std::vector<Halide::VarOrRVar> first, const stages& s,
                                     std::initializer_list<Halide::Var> last) {
    for (const Halide::RVar& r : s.reduction) first.emplace_back(r);
    for (const Halide::Var& v : last) first.emplace_back(v);
    return first;
}

std::int32_t power_of_two_up_to(std::int32_t limit, std::int32_t value) {
    std::int32_t p = 1;
    while (p * 2 <= std::min(limit, value)) p *= 2;
    return p;
}

/// How many positions of a block of channels stay in the first-level cache, with the window's rows and what is written.
std::int32_t positions_in_l1(const kernel& k, const machine& m, std::int32_t block) {
    const ops::window w = unpack<ops::conv::attributes>(k.attributes).slide;
    const std::int64_t bytes = std::int64_t{4} * block * (w.extent[1] * w.stride[0] + 1);
    return static_cast<std::int32_t>(m.l1_bytes * 3 / 4 / bytes);
}

bool row_fits_l1(const kernel& k, const machine& m, std::int32_t block) {
    return k.output.extent[1] <= positions_in_l1(k, m, block);
}

/// The longest strip of whole tiles that stays there and divides rows evenly; 0 if there is none.
std::int32_t strip_in_l1(const kernel& k, const machine& m, const depthwise_parameters& p) {
    const std::int32_t width = k.output.extent[1];
    std::int32_t strip = std::min(positions_in_l1(k, m, p.block), width - 1) / p.tile * p.tile;
    while (strip > 0 && width % strip != 0) strip -= p.tile;
    return strip;
}

}  // namespace

bool is_narrow(std::int32_t filters, std::int32_t width, bool side_by_side, const machine& m) {
    return filters < too_few_channels(side_by_side, m) && width >= m.lanes;
}

schedule schedule_of(const narrow_parameters& p) { return {family::narrow_conv, {p.lanes, p.filters, p.rows}}; }

void for_each_narrow_conv(const kernel& k, const machine& m, const std::function<void(const narrow_parameters&)>& f) {
    const auto& e = k.output.extent;
    const std::int32_t filters = e[0] / unpack<ops::conv::attributes>(k.attributes).groups;
    for (std::int32_t lanes = 1; lanes <= std::min(m.lanes, e[1]); lanes *= 2)
        for (std::int32_t block = 1; block <= filters; ++block) {
            if (filters % block != 0) continue;
            for (std::int32_t rows = 1; rows <= std::min(e[2], 8) && fits_registers(block, rows, lanes, m); ++rows)
                f({lanes, block, rows});
        }
}

narrow_parameters narrow_conv_defaults(const kernel& k, const machine& m) {
    cheapest<narrow_parameters> best;
    for_each_narrow_conv(k, m, [&](const narrow_parameters& p) {
        if (p.lanes != power_of_two_up_to(m.lanes, k.output.extent[1])) return;
        const double blocks = double(divided_up(k.output.extent[2], p.rows)) * (k.output.extent[0] / p.filters);
        // A vector of positions is loaded across two cache lines.
        const double cycles = std::max(register_block_cycles(p.filters, p.rows, m), (2 * p.rows + p.filters) / 2.0);
        best.see(p, cycles * blocks);
    });
    return best.found();
}

void schedule_narrow_conv(const kernel& k, const narrow_parameters& p, stages& s) {
    using Halide::TailStrategy;
    const std::int32_t width = k.output.extent[1], height = k.output.extent[2];
    Halide::Var xo("xo"), xi("xi"), yi("yi"), co("co"), ci("ci");
    Halide::Func f = s.result;
    f.split(s.c, co, ci, p.filters, TailStrategy::RoundUp)
        .split(s.x, xo, xi, p.lanes, width % p.lanes == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards)
        .split(s.y, s.y, yi, p.rows, height % p.rows == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards)
        .vectorize(xi)
        .unroll(ci)
        .unroll(yi);
    spread(k, s, {xi, ci, yi, xo, co}, {}, p.rows);
    s.sum.compute_at(f, xo)
        .store_in(Halide::MemoryType::Stack)
        .reorder_storage(s.x, s.c, s.y, s.z, s.n)
        .reorder(s.x, s.c, s.y)
        .vectorize(s.x, p.lanes)
        .unroll(s.c)
        .unroll(s.y);
    s.sum.update().reorder(after({s.x, s.y, s.c}, s, {s.z, s.n})).vectorize(s.x, p.lanes).unroll(s.c).unroll(s.y);
}

schedule schedule_of(const depthwise_parameters& p) {
    return {family::depthwise_conv, {p.lanes, p.tile, p.block, p.strip}};
}

depthwise_parameters depthwise_parameters_of(const schedule& how) {
    const auto& p = how.parameters;
    return {p[0], p[1], p[2], p[3]};
}

void for_each_depthwise_conv(const kernel& k, const machine& m,
                             const std::function<void(const depthwise_parameters&)>& f) {
    const std::int32_t channels = k.output.extent[0];
    depthwise_parameters p;
    const auto with_strips = [&] {
        p.strip = strip_in_l1(k, m, p);
        if (p.strip > 0) f(p);
        p.strip = 0;
        f(p);
    };
    for (p.lanes = 1; p.lanes <= std::min(m.lanes, channels); p.lanes *= 2)
        for (p.tile = 1; p.tile <= std::min(k.output.extent[1], 12); ++p.tile) {
            for (p.block = p.lanes; p.block < channels; p.block *= 2)
                if (channels % p.block == 0) with_strips();
            p.block = channels;
            with_strips();
        }
}

depthwise_parameters depthwise_conv_defaults(const kernel& k, const machine& m) {
    const std::int32_t channels = k.output.extent[0], width = k.output.extent[1];
    depthwise_parameters p{power_of_two_up_to(m.lanes, channels), std::min(width, m.registers >= 32 ? 8 : 4), channels};
    for (std::int32_t tile = p.tile; tile > p.tile / 2; --tile)
        if (width % tile == 0) {  // no position is computed twice
            p.tile = tile;
            break;
        }
    // As few as come fast from where they are, if their rows stay in the first-level cache. Otherwise as many as do in
    // strips of rows: what lies side by side fills all of its sets.
    const std::int32_t few = 4 * m.lanes;
    if (channels % few == 0 && row_fits_l1(k, m, few)) {
        p.block = few;
        return p;
    }
    for (;; p.block /= 2) {
        p.strip = strip_in_l1(k, m, p);
        if (p.strip > 0) return p;
        if (p.block % (2 * few) != 0) return {p.lanes, p.tile, channels};
    }
}

void schedule_depthwise_conv(const kernel& k, const depthwise_parameters& p, stages& s) {
    using Halide::TailStrategy;
    const std::int32_t channels = k.output.extent[0], width = k.output.extent[1];
    Halide::Var block("block"), in_block("in_block"), co("co"), ci("ci"), xo("xo"), xi("xi"), strip("strip");
    Halide::Func f = s.result;
    if (p.strip > 0) f.split(s.x, strip, s.x, p.strip, TailStrategy::RoundUp);
    f.split(s.c, block, in_block, p.block, TailStrategy::RoundUp)
        .split(in_block, co, ci, p.lanes, p.block % p.lanes == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards)
        .split(s.x, xo, xi, p.tile, width % p.tile == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards)
        .vectorize(ci)
        .unroll(xi);
    // Tasks of the same rows follow each other, strips too: a thread has written them in the layer before.
    std::int32_t blocks = channels / p.block;
    const std::int32_t rows = rows_per_task(work_of(k), k.output.extent[2], repeats_of(k, blocks));
    if (p.strip > 0) {
        f.fuse(strip, block, block);
        blocks *= width / p.strip;
    }
    spread(k, s, {ci, xi, co, xo}, {&block, blocks}, 1, rows);
    s.sum.compute_at(f, co).store_in(Halide::MemoryType::Stack).vectorize(s.c, p.lanes).unroll(s.x);
    auto update = s.sum.update();
    update.reorder(after({s.c, s.x}, s, {s.y, s.z, s.n})).vectorize(s.c, p.lanes).unroll(s.x);
    // reduction[0] is the single channel of a group; then the window, unrolled along x so that loads are shared.
    update.unroll(s.reduction[0]).unroll(s.reduction[1]);
    const auto& window = unpack<ops::conv::attributes>(k.attributes).slide.extent;
    if (window[0] * window[1] <= 9) update.unroll(s.reduction[2]);
}

}  // namespace kiln::schedules
