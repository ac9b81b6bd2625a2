#include <doctest/doctest.h>

#include <cmath>
#include <kiln/compiler/ir/verify.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/compiler/passes/fold_batch_norm.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;

namespace {

int norms_in(const ir::graph& g) {
    int found = 0;
    for (const ir::node& n : g.nodes) found += n.kind == op::batch_norm;
    return found;
}

/// The largest difference between the outputs of two graphs, against the largest output.
double difference(const ir::graph& a, const ir::graph& b, std::uint32_t seed) {
    const std::vector<tensor> inputs = random_inputs(a, seed);
    const auto before = compiler::run_reference(a, inputs), after = compiler::run_reference(b, inputs);
    double largest = 1e-3, most = 0;
    REQUIRE(before.size() == after.size());
    for (std::size_t o = 0; o < before.size(); ++o)
        for (std::size_t i = 0; i < before[o].values.size(); ++i) {
            largest = std::max<double>(largest, std::abs(before[o].values[i]));
            most = std::max<double>(most, std::abs(before[o].values[i] - after[o].values[i]));
        }
    return most / largest;
}

}  // namespace

TEST_CASE("folding keeps the outputs, whatever rank, groups, bias and orientation") {
    std::mt19937 random(11);
    const auto up_to = [&](int most) { return 1 + static_cast<int>(random() % static_cast<unsigned>(most)); };
    for (std::uint32_t round = 0; round < 60; ++round) {
        const int rank = up_to(3), groups = up_to(3), channels = groups * up_to(3), filters = groups * up_to(4);
        dims sample;
        sample.rank = rank + 1;
        for (int axis = 0; axis < rank; ++axis) sample[axis] = 4 + up_to(4);
        sample[rank] = channels;
        const bool bias = random() % 2 != 0, flip = random() % 2 != 0, as_dense = random() % 4 == 0;
        CAPTURE(rank);
        CAPTURE(groups);
        CAPTURE(bias);
        CAPTURE(flip);
        CAPTURE(as_dense);
        graph_builder b("test", up_to(2));
        const auto x = b.input(sample);
        const ops::conv::attributes a{.filters = filters,
                                      .slide = square(up_to(3), rank, up_to(2), 1, up_to(2) - 1),
                                      .groups = groups,
                                      .flip = flip};
        const auto y = as_dense ? b.dense(x, filters, bias) : b.conv(x, a, bias);
        ir::graph g = b.finish(b.relu(b.batch_norm(y, 1e-3F)));
        bind_random(g, round);
        const ir::graph folded = passes::fold_batch_norm(g);
        ir::verify(folded);
        CHECK(norms_in(folded) == 0);
        CHECK(difference(g, folded, round) < 1e-5);
    }
}

TEST_CASE("the folded layer keeps its name and has constants for weights") {
    graph_builder b;
    ir::graph g = b.finish(b.batch_norm(b.conv(b.input(dims::of(4, 4, 2)), {.filters = 3, .slide = square(3)}, false)));
    bind_random(g, 1);
    const ir::graph folded = passes::fold_batch_norm(g);
    REQUIRE(folded.size() == 4);
    CHECK(folded[1].name == "conv1.weight (folded)");
    CHECK(folded[1].kind == op::constant);
    CHECK(folded[2].name == "conv1.bias (folded)");
    CHECK(folded[2].shape == dims::of(3));
    CHECK(folded[3].name == "conv1");
    CHECK(folded[3].operands == std::vector{0, 1, 2});
}

TEST_CASE("a layer that others read, that is an output, or whose weights are unknown keeps its batch norm") {
    const ops::conv::attributes a{.filters = 2, .slide = square(1)};
    {
        graph_builder b;
        const auto y = b.conv(b.input(dims::of(2, 2, 2)), a);
        ir::graph g = b.finish(b.add(y, b.batch_norm(y)));
        bind_random(g, 1);
        CHECK(norms_in(passes::fold_batch_norm(g)) == 1);
    }
    {
        graph_builder b;
        const auto y = b.conv(b.input(dims::of(2, 2, 2)), a);
        ir::graph g = b.finish({{"raw", y}, {"normalised", b.batch_norm(y)}});
        bind_random(g, 1);
        CHECK(norms_in(passes::fold_batch_norm(g)) == 1);
    }
    {
        graph_builder b;
        const ir::graph g = b.finish(b.batch_norm(b.conv(b.input(dims::of(2, 2, 2)), a)));
        CHECK(norms_in(passes::fold_batch_norm(g)) == 1);
    }
    {
        graph_builder b;
        ir::graph g = b.finish(b.batch_norm(b.relu(b.input(dims::of(2, 2, 2)))));
        bind_random(g, 1);
        CHECK(norms_in(passes::fold_batch_norm(g)) == 1);
    }
}

TEST_CASE("two batch norms in a row both fold") {
    graph_builder b;
    ir::graph g = b.finish(
        b.batch_norm(b.batch_norm(b.conv(b.input(dims::of(3, 3, 1)), {.filters = 2, .slide = square(2)}, false))));
    bind_random(g, 2);
    const ir::graph folded = passes::fold_batch_norm(g);
    CHECK(norms_in(folded) == 0);
    CHECK(difference(g, folded, 3) < 1e-5);
}

TEST_CASE("a chain of very many batch norms folds in a time that grows with its length") {
    graph_builder b;
    auto x = b.conv(b.input(dims::of(2, 2, 2)), {.filters = 2, .slide = square(1)});
    for (int i = 0; i < 30'000; ++i) x = b.batch_norm(x);
    ir::graph g = b.finish({{"y", x}});
    bind_random(g, 5);
    const ir::graph folded = passes::fold_batch_norm(std::move(g));
    CHECK(norms_in(folded) == 0);
    CHECK(folded.nodes.size() == 4);
}

TEST_CASE("towers that share their weights share the folded ones") {
    graph_builder b;
    const auto left = b.input(dims::of(4)), right = b.input(dims::of(4));
    const auto w = b.parameter(dims::of(4, 3), role::weight, 4, "w");
    const dims three = dims::of(3);
    const auto scale = b.parameter(three, role::scale, 1, "scale"), shift = b.parameter(three, role::shift, 1, "shift"),
               mean = b.parameter(three, role::mean, 1, "mean"),
               variance = b.parameter(three, role::variance, 1, "variance");
    const auto tower = [&](int x, float epsilon) {
        const auto y = b.apply(op::dense, ops::dense::attributes{3}, {x, w});
        return b.apply(op::batch_norm, ops::batch_norm::attributes{epsilon}, {y, scale, shift, mean, variance});
    };
    ir::graph g = b.finish({{"left", tower(left, 1e-5F)}, {"right", tower(right, 1e-5F)}, {"other", tower(right, 1)}});
    bind_random(g, 1);
    const ir::graph folded = passes::fold_batch_norm(g);
    ir::verify(folded);
    const auto& operands = [&](std::size_t output) { return folded[folded.outputs[output].node].operands; };
    CHECK(operands(0)[1] == operands(1)[1]);
    CHECK(operands(0)[2] == operands(1)[2]);
    CHECK(operands(1)[1] != operands(2)[1]);
    CHECK(difference(g, folded, 5) < 1e-5);
}
