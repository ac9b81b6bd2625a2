#include <kiln/schedules/conv_variants.hpp>

#include <algorithm>

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

variant_parameters narrow_conv_defaults(const kernel& k, const machine& m) {
    return {power_of_two_up_to(m.lanes, k.output.extent[1]), 1};
}

variant_parameters depthwise_conv_defaults(const kernel& k, const machine& m) {
    return {power_of_two_up_to(m.lanes, k.output.extent[0]), std::min(k.output.extent[1], m.registers >= 32 ? 8 : 4)};
}

schedule schedule_of(family which, const variant_parameters& p) { return {which, {p.lanes, p.tile}}; }

void for_each_variant(const kernel& k, const machine& m, family which,
                      const std::function<void(const variant_parameters&)>& f) {
    const bool narrow = which == family::narrow_conv;
    const std::int32_t along = k.output.extent[narrow ? 1 : 0],
                       most_tile = narrow ? 1 : std::min(k.output.extent[1], 12);
    for (std::int32_t lanes = 1; lanes <= std::min(m.lanes, along); lanes *= 2)
        for (std::int32_t tile = 1; tile <= most_tile; ++tile) f({lanes, tile});
}

void schedule_narrow_conv(const kernel& k, const variant_parameters& p, stages& s) {
    using Halide::TailStrategy;
    Halide::Var xo("xo"), xi("xi");
    Halide::Func f = s.result;
    f.split(s.x, xo, xi, p.lanes,
            k.output.extent[1] % p.lanes == 0 ? TailStrategy::RoundUp : TailStrategy::ShiftInwards)
        .vectorize(xi);
    spread(k, s, {xi, s.c, xo}, nullptr, 1);
    s.sum.compute_at(f, s.c).store_in(Halide::MemoryType::Stack).vectorize(s.x, p.lanes);
    s.sum.update().reorder(after({s.x}, s, {s.c, s.y, s.z, s.n})).vectorize(s.x, p.lanes);
}

void schedule_depthwise_conv(const kernel& k, const variant_parameters& p, stages& s) {
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
