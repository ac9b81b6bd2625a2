// kiln::differentiate from C++.
#include <doctest/doctest.h>

#include <kiln/compiler/kiln.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/runtime/error.hpp>

using namespace kiln;
using namespace kiln::literals;

namespace {

inline constexpr auto guess = [](auto image, auto wanted) {
    auto scores = image | conv(3_c, 3_c) | relu | max_pool(2_c) | dense(4_c) | softmax;
    return outputs("cost"_n = pow(scores - wanted, 2) | sum_over(), "scores"_n = scores);
};
using net = network<guess, shape<8, 8, 1>, shape<4>>;

tensor filled(std::vector<std::int64_t> shape, float step) {
    tensor t = zeros(std::move(shape));
    for (std::size_t i = 0; i < t.size(); ++i) t.values[i] = static_cast<float>(i % 7) * step;
    return t;
}

}  // namespace

TEST_CASE("gradients are named outputs of a graph that compiles like any other") {
    ir::graph g = differentiate(net::view("guess"), "cost", {"conv1.weight", "input0"}, 2);
    std::vector<std::string> names;
    for (const ir::output& o : g.outputs) names.push_back(o.name);
    CHECK(names == std::vector<std::string>{"cost", "scores", "conv1.weight.gradient", "input0.gradient"});

    const std::vector<tensor> inputs = {filled({2, 8, 8, 1}, 0.1F), filled({2, 4}, 0.05F)};
    compiler::bind_weights(g, {});
    const std::vector<tensor> expected = compiler::run_reference(g, inputs);
    const compiler::model m = kiln::compile(std::move(g));
    const std::vector<tensor> found = m(inputs);
    REQUIRE(found.size() == 4);
    CHECK(found[2].shape == std::vector<std::int64_t>{3, 3, 1, 3});
    CHECK(found[3].shape == std::vector<std::int64_t>{2, 8, 8, 1});
    for (std::size_t k = 0; k < found.size(); ++k)
        for (std::size_t i = 0; i < found[k].size(); ++i)
            CHECK(found[k].values[i] == doctest::Approx(expected[k].values[i]).epsilon(1e-4).scale(1e-3));
}

TEST_CASE("a step against the gradient makes the cost smaller") {
    ir::graph g = differentiate(net::view("guess"), "cost", {"dense1.weight"}, 2);
    const std::vector<tensor> inputs = {filled({2, 8, 8, 1}, 0.1F), filled({2, 4}, 0.05F)};
    compiler::bind_weights(g, {});
    const compiler::model before = kiln::compile(g);
    const std::vector<tensor> first = before(inputs);
    for (ir::node& n : g.nodes)
        if (n.name == "dense1.weight" && n.kind == op::parameter) {
            tensor moved = *n.value;
            for (std::size_t i = 0; i < moved.size(); ++i) moved.values[i] -= 0.1F * first[2].values[i];
            n.value = std::make_shared<const tensor>(std::move(moved));
        }
    const std::vector<tensor> second = kiln::compile(g)(inputs);
    CHECK(second[0].values[0] + second[0].values[1] < first[0].values[0] + first[0].values[1]);
}

TEST_CASE("what is not there is named") {
    CHECK_THROWS_WITH_AS(differentiate(net::view("guess"), "loss", {"input0"}),
                         "graph 'guess' has no output 'loss' to be the cost; its outputs are cost, scores",
                         kiln::error);
    CHECK_THROWS_WITH_AS(
        differentiate(net::view("guess"), "cost", {"conv1.weights"}),
        "graph 'guess' has no input or parameter 'conv1.weights' to be differentiated by (did you mean "
        "conv1.weight?)",
        kiln::error);
}
