// Gradients of whole networks against finite differences, compiled ones against their reference, and what a cost and
// what it is differentiated by may be. Single operators: tests/ops/gradients.cpp.
#include <doctest/doctest.h>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/passes/differentiate.hpp>
#include <kiln/tests/finite_differences.hpp>
#include <kiln/tests/graph_builder.hpp>

namespace kiln::testing {
namespace {

/// A graph with the gradients of its first output by `wrt` as its only outputs.
ir::graph gradients_of(const ir::graph& g, const std::vector<ir::node_id>& wrt) {
    auto [made, gradients] = passes::differentiate(g, g.outputs[0].node, wrt);
    made.outputs.clear();
    for (std::size_t i = 0; i < wrt.size(); ++i) made.outputs.push_back({"gradient" + std::to_string(i), gradients[i]});
    return made;
}

/// Compares a few elements of the gradient by each input and parameter.
void check_network(ir::graph g) {
    compiler::bind_weights(g, {});
    const std::vector<tensor> inputs = random_inputs(g, 7);
    std::vector<ir::node_id> wrt;
    for (ir::node_id id = 0; id < g.size(); ++id)
        if (g[id].kind == op::input || g[id].kind == op::parameter) wrt.push_back(id);
    const ir::graph backward = gradients_of(g, wrt);
    const std::vector<tensor> expected = compiler::run_reference(backward, inputs);

    slope_tally tally;
    std::mt19937 random(5);
    for (std::size_t which = 0; which < wrt.size(); ++which) {
        const tensor& gradient = expected[which];
        REQUIRE(gradient.shape == extents_of(g[wrt[which]].shape));
        for (int draws = 0; draws < 3; ++draws) {
            const std::size_t i = random() % gradient.size();
            const auto found = slope(g, inputs, wrt[which], i, 0x1p-8F);  // a bias moves many bends
            found ? ++tally.compared : ++tally.bent;
            INFO("element ", i, " of ", g[wrt[which]].name);
            if (found) CHECK(std::abs(static_cast<double>(gradient.values[i]) - *found) < slope_tolerance(*found));
        }
    }
    INFO(tally.compared, " slopes compared, ", tally.bent, " left out");
    CHECK(tally.compared > tally.bent);

    const compiler::model m(compiler::compile_graph(backward, {}));
    std::vector<tensor> one_thread;
    for (const int threads : {1, 2}) {
        m.set_threads(threads);
        const std::vector<tensor> found = m(inputs);
        for (std::size_t i = 0; i < found.size(); ++i) {
            double largest = 1e-3, worst = 0;
            for (std::size_t k = 0; k < found[i].size(); ++k) {
                largest = std::max(largest, std::abs(number_at(expected[i], k)));
                worst = std::max(worst, std::abs(number_at(found[i], k) - number_at(expected[i], k)));
            }
            INFO(g[wrt[i]].name, ", ", threads, " threads");
            CHECK(worst < 1e-4 * largest);
            if (threads == 2) CHECK(found[i].values == one_thread[i].values);
        }
        one_thread = found;
    }
}

/// The squared distance to a second input: a value for each sample.
ir::node_id squared_distance(graph_builder& b, ir::node_id y) {
    const auto difference =
        b.apply(op::binary, ops::binary::attributes{binary_function::subtract}, {y, b.input(b.sample(y), "wanted")});
    const dims shape = b.sample(y);
    const auto sum =
        b.apply(op::reduce, ops::reduce::attributes{reduce_function::sum_square, (1 << shape.rank) - 1}, {difference});
    return b.apply(op::reshape, ops::reshape::attributes{1, ops::first_axes<1>()}, {sum});
}

constexpr std::int32_t cells(int rank) { return (1 << rank) - 1; }

}  // namespace

TEST_CASE("gradients of LeNet-5 are slopes") {
    graph_builder b("lenet5", 2);
    auto x = b.input(dims::of(28, 28, 1), "image");
    x = b.max_pool(b.relu(b.conv(x, {.filters = 6, .slide = square(5, 2, 1, 1, 2)})), square(2, 2, 2));
    x = b.max_pool(b.relu(b.conv(x, {.filters = 16, .slide = square(5)})), square(2, 2, 2));
    x = b.softmax(b.dense(b.relu(b.dense(b.relu(b.dense(x, 120)), 84)), 10));
    check_network(b.finish({{"cost", squared_distance(b, x)}}));
}

TEST_CASE("gradients of a residual block with a strided shortcut are slopes") {
    graph_builder b("residual", 2);
    const auto x = b.input(dims::of(9, 9, 8), "image");
    auto y = b.relu(b.batch_norm(b.conv(x, {.filters = 12, .slide = square(3, 2, 2, 1, 1)}, false)));
    y = b.batch_norm(b.conv(y, {.filters = 12, .slide = square(3, 2, 1, 1, 1)}, false));
    const auto shortcut = b.batch_norm(b.conv(x, {.filters = 12, .slide = square(1, 2, 2)}, false));
    y = b.relu(b.add(y, shortcut));
    y = b.apply(op::reduce, ops::reduce::attributes{reduce_function::mean, cells(2)}, {y});
    check_network(b.finish({{"cost", squared_distance(b, b.dense(y, 5))}}));
}

TEST_CASE("gradients of an inception block are slopes") {
    graph_builder b("inception", 2);
    const auto x = b.input(dims::of(8, 8, 12), "image");
    const auto layer = [&](ir::node_id from, int filters, const ops::window& w) {
        return b.relu(b.conv(from, {.filters = filters, .slide = w}));
    };
    const ops::window one = square(1), three = square(3, 2, 1, 1, 1), five = square(5, 2, 1, 1, 2);
    const auto y = b.concat({layer(x, 4, one), layer(layer(x, 6, one), 8, three), layer(layer(x, 2, one), 4, five),
                             layer(b.max_pool(x, three), 4, one), layer(b.average_pool(x, three), 3, one)});
    check_network(b.finish({{"cost", squared_distance(b, b.average_pool(y, square(8)))}}));
}

TEST_CASE("J is the mean over the batch, and a whole cost the sum of its elements") {
    graph_builder b("mean", 4);
    const auto x = b.input(dims::of(3)), w = b.whole_input(dims::of(3));
    const auto product = b.multiply(x, w);
    const auto joined = b.apply(op::merge_batch, ops::merge_batch::attributes{4}, {product});
    const std::vector<tensor> inputs = {random_tensor(dims::of(4, 3), 1), random_tensor(dims::of(3), 2)};
    const auto gradients = [&](ir::node_id cost) {
        return compiler::run_reference(gradients_of(b.finish({{"cost", cost}}), {x, w}), inputs);
    };
    const auto mean = gradients(product), sum = gradients(joined);
    for (std::size_t i = 0; i < 12; ++i) {
        CHECK(mean[0].values[i] == inputs[1].values[i % 3] / 4);
        CHECK(sum[0].values[i] == inputs[1].values[i % 3]);
    }
    for (std::size_t c = 0; c < 3; ++c) {
        double column = 0;
        for (std::size_t n = 0; n < 4; ++n) column += inputs[0].values[n * 3 + c];
        CHECK(mean[1].values[c] == doctest::Approx(column / 4));
        CHECK(sum[1].values[c] == doctest::Approx(column));
    }
}

TEST_CASE("what the cost does not depend on has zeros, and earlier nodes keep their ids") {
    graph_builder b("unused", 2);
    const auto x = b.input(dims::of(3)), unused = b.input(dims::of(2));
    const auto p = b.parameter(dims::of(3), role::bias, 1, "p");
    const auto y = b.apply(op::unary, ops::unary::attributes{unary_function::round}, {b.add(x, p)});
    const ir::graph g = b.finish({{"cost", b.add(y, x)}});
    const auto [made, gradients] = passes::differentiate(g, g.outputs[0].node, std::vector{unused, p, x});
    for (ir::node_id id = 0; id < g.size(); ++id) CHECK(made[id].name == g[id].name);
    ir::graph only = made;
    only.outputs = {{"unused", gradients[0]}, {"p", gradients[1]}, {"x", gradients[2]}};
    bind_random(only, 3);
    const auto found = compiler::run_reference(only, random_inputs(only, 1));
    CHECK(found[0].values == std::vector<float>(4, 0.0F));
    CHECK(found[1].values == std::vector<float>(3, 0.0F));
    CHECK(found[2].values == std::vector<float>(6, 0.5F));
}

TEST_CASE("by a node in the middle, and of the cost itself") {
    graph_builder b("middle", 2);
    const auto x = b.input(dims::of(2)), y = b.relu(x);
    const auto cost = b.multiply(y, y);
    const auto found =
        compiler::run_reference(gradients_of(b.finish({{"cost", cost}}), {y, cost}), {{{2, 2}, {1, -2, 3, 4}}});
    CHECK(found[0].values == std::vector<float>{1, 0, 3, 4});
    CHECK(found[1].values == std::vector<float>(4, 0.5F));
}

TEST_CASE("a second derivative is the derivative of the first") {
    graph_builder b("cube");
    const auto x = b.input(dims::of(3));
    ir::graph g = b.finish({{"cost", b.multiply(b.multiply(x, x), x)}});
    for (int times = 0; times < 2; ++times) g = gradients_of(g, {x});
    const auto found = compiler::run_reference(g, {{{1, 3}, {1, -2, 0.5F}}});
    for (std::size_t i = 0; i < 3; ++i) CHECK(found[0].values[i] == doctest::Approx(std::array{6.0, -12.0, 3.0}[i]));
}

TEST_CASE("a cost of whole numbers is refused") {
    graph_builder b("whole");
    const auto x = b.input(dims::of(3));
    const ir::graph g = b.finish({{"cost", b.apply(op::cast, ops::cast::attributes{element::int64}, {x})}});
    CHECK_THROWS_WITH(passes::differentiate(g, g.outputs[0].node, std::vector{x}),
                      "graph 'whole', node 1 'cast1': a cost must be float32 to be differentiated, but it is int64");
}

}  // namespace kiln::testing
