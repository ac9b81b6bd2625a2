// Softmax for Halide: the maximum and the sum over channels are kept as a vector of partial results per position.
#include <limits>

#include <kiln/compiler/lower/definition.hpp>
#include <kiln/schedules/streaming.hpp>

namespace kiln::compiler {

using namespace Halide;

Expr define_softmax(definition& d) {
    auto& s = d.stages;
    const std::int32_t channels = d.view_of(0).extent[0], lanes = schedules::softmax_lanes(channels);
    const std::int32_t rounds = (channels + lanes - 1) / lanes;
    const bool ragged = channels % lanes != 0;
    const Var lane("lane"), &x = s.x, &y = s.y, &z = s.z, &n = s.n;
    const RDom r(0, rounds, "r"), l(0, lanes, "l");
    ImageParam& in = d.inputs[0];

    const Expr channel = r * lanes + lane;
    const Expr value = in(ragged ? min(channel, channels - 1) : channel, x, y, z, n);
    Func highs("highs"), high("high"), totals("totals"), total("total");
    highs(lane, x, y, z, n) = -std::numeric_limits<float>::infinity();
    highs(lane, x, y, z, n) = max(highs(lane, x, y, z, n), value);
    high(x, y, z, n) = -std::numeric_limits<float>::infinity();
    high(x, y, z, n) = max(high(x, y, z, n), highs(l, x, y, z, n));
    const Expr share = exp(value - high(x, y, z, n));
    totals(lane, x, y, z, n) = 0.0F;
    totals(lane, x, y, z, n) += ragged ? select(channel < channels, share, 0.0F) : share;
    total(x, y, z, n) = 0.0F;
    total(x, y, z, n) += totals(l, x, y, z, n);
    s.reduction = {r};
    s.per_position = {highs, high, totals, total};
    return exp(in(s.c, x, y, z, n) - high(x, y, z, n)) / total(x, y, z, n);
}

}  // namespace kiln::compiler
