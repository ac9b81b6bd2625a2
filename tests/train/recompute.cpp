// Activations computed again: the same step with less memory.
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/compiler/passes/pipeline.hpp>
#include <kiln/compiler/plan/make_plan.hpp>
#include <kiln/compiler/train/step_graph.hpp>

#include "two_layers.hpp"

using namespace kiln;
using namespace kiln::testing;

namespace {

// Rows enough for activations to be larger than weights, whose gradients live until the update.
constexpr int rows = 128, width = 16, depth = 25;

/// h = tanh(h W + h') over and over, h' being h two layers before: skips cross the borders of segments.
ir::graph deep() {
    graph_builder b("deep", 2);
    auto h = b.input(dims::of(rows, width), "x"), before = h;
    const auto target = b.input(dims::of(rows, width), "t");
    for (int i = 0; i < depth; ++i) {
        const auto w =
            b.parameter(dims::of(width, width), role::weight, width, "layer" + std::to_string(i) + ".weight");
        const auto sum = b.apply(op::add, {b.apply(op::matmul, {h, w}), before});
        before = i % 2 == 0 ? h : before;
        h = b.apply(op::tanh, {sum});
    }
    const auto error = b.apply(op::binary, ops::binary::attributes{binary_function::subtract}, {h, target});
    return b.finish({{"cost", b.apply(op::multiply, {error, error})}, {"h", h}});
}

train::step_graph step_of(ir::graph g, bool recompute) {
    compiler::bind_weights(g, {.seed = 3});
    train::trainer_options o;
    o.batch = 2;
    o.recompute = recompute;
    return train::make_training_graphs(g, o).step;
}

/// None below 0: the optimiser's means of squares are among them.
std::vector<tensor> inputs_of(const ir::graph& g) {
    std::vector<tensor> inputs = random_inputs(g, 5);
    for (tensor& t : inputs)
        for (float& v : t.values) v = 0.3F * std::abs(v);
    return inputs;
}

}  // namespace

TEST_CASE("a step that computes activations again is the same step, in less memory") {
    const train::step_graph kept = step_of(deep(), false), again = step_of(deep(), true);
    CHECK(again.graph.size() > kept.graph.size());
    const std::vector<tensor> inputs = inputs_of(kept.graph);
    const std::vector<tensor> expected = compiler::run_reference(kept.graph, inputs),
                              found = compiler::run_reference(again.graph, inputs);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].values == expected[i].values);
        CHECK(found[i].integers == expected[i].integers);
    }
    const auto arena = [](const train::step_graph& s) {
        return plan::make_plan(passes::run_pipeline(s.graph), compiler::resolve_target("host")).arena_bytes;
    };
    CHECK(static_cast<double>(arena(again)) < 0.7 * static_cast<double>(arena(kept)));
}

TEST_CASE("what is computed again comes just before its reader, from what was kept") {
    const train::step_graph again = step_of(deep(), true);
    int copies = 0;
    for (ir::node_id id = 0; id < again.graph.size(); ++id) copies += again.graph[id].name.ends_with("/again") ? 1 : 0;
    // Of three nodes a layer, without the last of five segments and what is kept.
    CHECK(copies > depth);
    CHECK(copies < 3 * depth * 4 / 5);
}
