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
    const RDom r(0, rounds, "r"), l(0, lanes, "l");
    // Statistics are one for each position: the axes without the channels.
    const std::vector<Var> axes = s.axes(), positions(axes.begin() + 1, axes.end());
    std::vector<Var> lanes_of{Var("lane")};
    lanes_of.insert(lanes_of.end(), positions.begin(), positions.end());
    const auto with = [&](const Expr& first) {
        std::vector<Expr> index{first};
        index.insert(index.end(), positions.begin(), positions.end());
        return index;
    };

    const Expr channel = r * lanes + lanes_of[0];
    const Expr value = d.load(0, with(ragged ? min(channel, channels - 1) : channel));
    Func highs("highs"), high("high"), totals("totals"), total("total");
    highs(lanes_of) = -std::numeric_limits<float>::infinity();
    highs(lanes_of) = max(highs(lanes_of), value);
    high(positions) = -std::numeric_limits<float>::infinity();
    high(positions) = max(high(positions), highs(with(l)));
    const Expr share = exp(value - high(positions));
    totals(lanes_of) = 0.0F;
    totals(lanes_of) += ragged ? select(channel < channels, share, 0.0F) : share;
    total(positions) = 0.0F;
    total(positions) += totals(with(l));
    s.reduction = {r};
    s.per_position = {highs, high, totals, total};
    return exp(d.load(0, d.position()) - high(positions)) / total(positions);
}

}  // namespace kiln::compiler
