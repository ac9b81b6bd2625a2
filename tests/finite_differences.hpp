// The slope of a cost by one element of an input or a parameter, from the references: what gradients are compared with.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/ops/reference.hpp>

namespace kiln::testing {

/// J as passes/differentiate.hpp defines it, of the graph's first output: the sum in double.
inline double cost_of(const ir::graph& g, const std::vector<tensor>& inputs) {
    const tensor cost = compiler::run_reference(g, inputs)[0];
    double sum = 0;
    for (std::size_t i = 0; i < cost.size(); ++i) sum += number_at(cost, i);
    return sum / ir::batch_of(g[g.outputs[0].node]);
}

/// J with element `i` of node `by`, an input or a parameter with a value, moved. Returns where it is now, too: rounded.
struct moved_cost {
    double at, cost;
};
inline moved_cost cost_at(ir::graph g, std::vector<tensor> inputs, ir::node_id by, std::size_t i, float offset) {
    const std::vector<ir::node_id> order = g.inputs();
    const auto input = static_cast<std::size_t>(std::ranges::find(order, by) - order.begin());
    tensor moved = g[by].kind == op::input ? inputs[input] : *g[by].value;
    moved.values[i] += offset;
    const double at = moved.values[i];
    if (g[by].kind == op::input)
        inputs[input] = std::move(moved);
    else
        g[by].value = std::make_shared<const tensor>(std::move(moved));
    return {at, cost_of(g, inputs)};
}

/// How far a slope may be from a gradient. References round to float32, so a difference is off by about
/// 1e-7 * sqrt(elements that change) / step of the values.
inline double slope_tolerance(double slope) { return 2e-3 * std::max(1.0, std::abs(slope)); }

/// J's slope by element `i` of node `by`: the central difference over 2 * step, its error of the order of step² taken
/// out with that over step (Richardson 1911). Nothing where J bends, as relu does at 0, or jumps: there the two differ,
/// or the slopes on both sides do not approach each other.
inline std::optional<double> slope(const ir::graph& g, const std::vector<tensor>& inputs, ir::node_id by, std::size_t i,
                                   float step = 0x1p-6F) {
    const moved_cost here = cost_at(g, inputs, by, i, 0);
    struct both_sides {
        double mean, gap;
    };
    const auto around = [&](float reach) -> both_sides {
        const moved_cost below = cost_at(g, inputs, by, i, -reach), above = cost_at(g, inputs, by, i, reach);
        const auto between = [](const moved_cost& a, const moved_cost& b) { return (b.cost - a.cost) / (b.at - a.at); };
        return {between(below, above), between(here, above) - between(below, here)};
    };
    const both_sides wide = around(step), narrow = around(step / 2);
    const double allowed = slope_tolerance(narrow.mean) / 2;
    if (!(std::abs(wide.mean - narrow.mean) <= allowed && std::abs(narrow.gap - wide.gap / 2) <= allowed))
        return std::nullopt;
    return (4 * narrow.mean - wide.mean) / 3;
}

/// How many slopes a test has compared, and how many elements it left out because J bends there.
struct slope_tally {
    int compared = 0, bent = 0;
};

}  // namespace kiln::testing
