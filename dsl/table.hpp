// The course's table of a network as constants: activation shape, activation size, parameters and multiply-adds of
// every layer and in total.
#pragma once

#include <kiln/dsl/graph_view.hpp>
#include <kiln/dsl/growing.hpp>
#include <kiln/dsl/ops/ops.hpp>

#include <span>
#include <string_view>

namespace kiln::dsl {

/// One layer. A parameter that several layers share counts for the first of them. Parameters are what is learned, so
/// the running mean and variance of batch normalisation are none.
struct layer_row {
    std::string_view name;
    kiln::op op = op::input;
    dims shape;                    // of the layer's output
    std::int64_t activations = 0;  // how many values that is
    std::int64_t parameters = 0;
    std::int64_t multiply_adds = 0;  // as papers count: convolution and dense only, bias not counted
    std::int64_t operations = 0;     // every scalar operation
};

struct totals {
    std::int64_t layers = 0, activations = 0, parameters = 0, multiply_adds = 0, operations = 0;
};

constexpr bool is_learned(const node& n) {
    if (n.kind != op::parameter) return false;
    const role kind = unpack<parameter_attributes>(n.attributes).kind;
    return kind != role::mean && kind != role::variance;
}

/// Writes one row for each operator of `g`, in order, to `rows` (if it is long enough) and returns the sums.
constexpr totals tabulate(const graph_view& g, std::span<layer_row> rows) {
    totals sum;
    growing<bool> counted;
    for (std::int32_t id = 0; id < g.node_count; ++id) counted.push(false);
    growing<dims> operands;
    for (std::int32_t id = 0; id < g.node_count; ++id) {
        const node& n = g.nodes[id];
        if (is_leaf(n.kind)) continue;
        layer_row row{.name = {g.text + n.name.begin, static_cast<std::size_t>(n.name.size)},
                      .op = n.kind,
                      .shape = n.shape,
                      .activations = n.shape.volume()};
        operands.clear();
        for (std::int32_t i = 0; i < n.operands; ++i) {
            const std::int32_t from = g.edges[n.first_operand + i];
            operands.push(g.nodes[from].shape);
            if (counted[from] || !is_learned(g.nodes[from])) continue;
            counted[from] = true;
            row.parameters += g.nodes[from].shape.volume();
        }
        const cost one = cost_of(n.kind, n.attributes, operands.span(), n.shape);
        row.multiply_adds = one.multiply_adds;
        row.operations = one.operations;
        if (static_cast<std::size_t>(sum.layers) < rows.size()) rows[static_cast<std::size_t>(sum.layers)] = row;
        ++sum.layers;
        sum.activations += row.activations;
        sum.parameters += row.parameters;
        sum.multiply_adds += row.multiply_adds;
        sum.operations += row.operations;
    }
    return sum;
}

}  // namespace kiln::dsl
