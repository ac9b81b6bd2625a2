// In which order a step is computed.
#include <kiln/compiler/ir/builder.hpp>
#include <kiln/compiler/train/step_graph.hpp>
#include <kiln/compiler/train/step_order.hpp>

#include "two_layers.hpp"

using namespace kiln;
using namespace kiln::testing;
using ir::node_id;

TEST_CASE("updates come as soon as their gradients are there, first of all what needs none") {
    ir::graph g;
    ir::builder b(g);
    const auto input = [&] { return b.append({op::input, {}, {}, dims::of(1), {}, nullptr, element::float32, true}); };
    const node_id w1 = input(), w2 = input();
    const node_id y = b.multiply(w1, w1);
    const node_id rate = input();  // an input behind what is computed
    const node_id dw2 = b.multiply(y, w2), dw1 = b.multiply(dw2, w1);
    const node_id update_begin = g.size();
    const node_id factor = b.square(rate);
    const node_id step1 = b.multiply(dw1, factor), next1 = b.subtract(w1, step1);
    const node_id step2 = b.multiply(dw2, factor), next2 = b.subtract(w2, step2);
    g.outputs = {{"next1", next1}, {"next2", next2}};

    const std::vector<node_id> order = train::computed_in_order(g, {dw1, dw2}, update_begin);
    CHECK(order == std::vector<node_id>{factor, y, dw2, step2, next2, dw1, step1, next1});
    // Without an update all is as it was, but for the inputs.
    CHECK(train::computed_in_order(g, {}, g.size()) ==
          std::vector<node_id>{y, dw2, dw1, factor, step1, next1, step2, next2});

    std::vector<node_id> all{w1, w2, rate};
    all.insert(all.end(), order.begin(), order.end());
    const ir::graph made = train::reordered(g, all);
    REQUIRE(made.size() == g.size());
    CHECK(made.outputs[0].node == 10);
    CHECK(made.outputs[1].node == 7);
    CHECK(made[6].operands == std::vector<node_id>{5, 3});  // step2 of dw2 and factor
}

TEST_CASE("in a step, the last layer's weights are updated before the first layer's gradient is computed") {
    ir::graph forward = two_layers();
    compiler::bind_weights(forward, {.seed = 1});
    train::trainer_options o;
    o.batch = batch;
    const ir::graph g = train::make_training_graphs(forward, o).step.graph;
    const auto next = [&](const std::string& parameter) {
        return std::ranges::find(g.outputs, "next/" + parameter, &ir::output::name)->node;
    };
    const node_id last_updated = next("second.weight"), first_updated = next("first.weight");
    REQUIRE(last_updated < first_updated);
    int between = 0;
    for (node_id id = last_updated; id < first_updated; ++id) between += g[id].kind == op::filter_gradient;
    CHECK(between > 0);
}
