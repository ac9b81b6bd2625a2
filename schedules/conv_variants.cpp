#include <kiln/schedules/conv_variants.hpp>

#include <algorithm>

#include <kiln/dsl/ops/conv.hpp>
#include <kiln/schedules/register_block.hpp>
#include <kiln/schedules/spread.hpp>

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

}  // namespace

bool is_narrow(std::int32_t filters, std::int32_t width, const machine& m) {
    return filters < m.lanes / 2 && width >= m.lanes;
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
    narrow_parameters best;
    double least = 0;
    for_each_narrow_conv(k, m, [&](const narrow_parameters& p) {
        if (p.lanes != power_of_two_up_to(m.lanes, k.output.extent[1])) return;
        const double blocks = double((k.output.extent[2] + p.rows - 1) / p.rows) * (k.output.extent[0] / p.filters);
        // A vector of positions is loaded across two cache lines.
        const double cycles = std::max(register_block_cycles(p.filters, p.rows, m), (2 * p.rows + p.filters) / 2.0);
        if (least == 0 || cycles * blocks < least * 0.999) least = cycles * blocks, best = p;
    });
    return best;
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
    spread(k, s, {xi, ci, yi, xo, co}, nullptr, 1, p.rows);
    s.sum.compute_at(f, xo)
        .store_in(Halide::MemoryType::Stack)
        .reorder_storage(s.x, s.c, s.y, s.z, s.n)
        .reorder(s.x, s.c, s.y)
        .vectorize(s.x, p.lanes)
        .unroll(s.c)
        .unroll(s.y);
    s.sum.update().reorder(after({s.x, s.c, s.y}, s, {s.z, s.n})).vectorize(s.x, p.lanes).unroll(s.c).unroll(s.y);
}

schedule schedule_of(const depthwise_parameters& p) { return {family::depthwise_conv, {p.lanes, p.tile}}; }

void for_each_depthwise_conv(const kernel& k, const machine& m,
                             const std::function<void(const depthwise_parameters&)>& f) {
    for (std::int32_t lanes = 1; lanes <= std::min(m.lanes, k.output.extent[0]); lanes *= 2)
        for (std::int32_t tile = 1; tile <= std::min(k.output.extent[1], 12); ++tile) f({lanes, tile});
}

depthwise_parameters depthwise_conv_defaults(const kernel& k, const machine& m) {
    return {power_of_two_up_to(m.lanes, k.output.extent[0]), std::min(k.output.extent[1], m.registers >= 32 ? 8 : 4)};
}

void schedule_depthwise_conv(const kernel& k, const depthwise_parameters& p, stages& s) {
    using Halide::TailStrategy;
    Halide::Var co("co"), ci("ci"), xo("xo"), xi("xi");
    Halide::Func f = s.result;
    const TailStrategy tail = k.output.extent[0] % p.lanes == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards;
    const TailStrategy x_tail = k.output.extent[1] % p.tile == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards;
    f.split(s.c, co, ci, p.lanes, tail).split(s.x, xo, xi, p.tile, x_tail).vectorize(ci).unroll(xi);
    spread(k, s, {ci, xi, co, xo}, nullptr, 1);
    s.sum.compute_at(f, co).store_in(Halide::MemoryType::Stack).vectorize(s.c, p.lanes).unroll(s.x);
    auto update = s.sum.update();
    update.reorder(after({s.c, s.x}, s, {s.y, s.z, s.n})).vectorize(s.c, p.lanes).unroll(s.x);
    // reduction[0] is the single channel of a group; then the window, unrolled along x so that loads are shared.
    update.unroll(s.reduction[0]).unroll(s.reduction[1]);
}

}  // namespace kiln::schedules
