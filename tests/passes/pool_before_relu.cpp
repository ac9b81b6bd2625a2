// A relu moves behind the max pooling that alone reads it, and nothing else does.
#include <doctest/doctest.h>

#include <cmath>
#include <kiln/compiler/ir/verify.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/compiler/passes/differentiate.hpp>
#include <kiln/compiler/passes/pool_before_relu.hpp>
#include <kiln/dsl/ops/ops.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;

namespace {

std::vector<op> kinds_of(const ir::graph& g) {
    std::vector<op> kinds;
    for (const ir::node& n : g.nodes) kinds.push_back(n.kind);
    return kinds;
}

/// Every output of `g`, and the gradient of its first one by its input.
std::vector<tensor> values_of(ir::graph g, const tensor& x) {
    ir::verify(g);
    const ir::node_id cost = g.outputs[0].node;
    const ir::node_id input = g.inputs()[0];
    passes::differentiated made = passes::differentiate(std::move(g), cost, {&input, 1});
    made.graph.outputs.push_back({"gradient", made.gradients[0]});
    return compiler::run_reference(made.graph, {x});
}

}  // namespace

TEST_CASE("a relu that only a max pooling reads moves behind it; values and gradients are the same, bit for bit") {
    for (const std::int32_t pad : {0, 1}) {
        graph_builder b("pooled");
        ir::graph g = b.finish({{"cost", b.max_pool(b.relu(b.input(dims::of(9, 8, 2))), square(3, 2, 2, 1, pad))}});
        const ir::graph moved = passes::pool_before_relu(g);
        CHECK(kinds_of(moved) == std::vector{op::input, op::max_pool, op::relu});
        tensor x = random_inputs(g, 5)[0];
        for (float& v : x.values) v = std::round(v * 2) / 2;  // equal maxima, and windows without a positive value
        const auto before = values_of(g, x), after = values_of(moved, x);
        REQUIRE(before.size() == after.size());
        for (std::size_t i = 0; i < before.size(); ++i) CHECK(before[i].values == after[i].values);
    }
}

TEST_CASE("a relu that others read, and one before windows with gaps, stay where they are") {
    graph_builder b("kept");
    const auto shared = b.relu(b.input(dims::of(9, 9, 2)));
    const auto alone = b.relu(b.input(dims::of(9, 9, 2)));
    ir::graph g = b.finish(
        {{"pooled", b.max_pool(shared, square(3))}, {"also", shared}, {"gaps", b.max_pool(alone, square(2, 2, 1, 2))}});
    CHECK(kinds_of(passes::pool_before_relu(g)) == kinds_of(g));
}
