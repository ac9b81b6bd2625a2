#include <doctest/doctest.h>

#include <kiln/compiler/ops/reference.hpp>
#include <kiln/tests/worked_examples.hpp>

using namespace kiln;
using namespace kiln::testing;

TEST_CASE("the references give the results on the course's slides") {
    for (const worked_example& example : worked_examples()) {
        CAPTURE(example.name);
        CHECK(compiler::run_reference(example.graph, {example.input}).at(0).values == example.expected);
    }
}

TEST_CASE("mathematical convolution turns the filter by 180 degrees") {
    const worked_example flipped = mathematical_convolution();
    const tensor result = compiler::run_reference(flipped.graph, {flipped.input}).at(0);
    CHECK(result.values.at(0) == 110);
    const worked_example turned =
        examples::filtered("turned by hand", 6, examples::six, {7, 9, -1, 2, 0, 1, 5, 4, 3}, {});
    CHECK(compiler::run_reference(turned.graph, {turned.input}).at(0).values == result.values);
}

TEST_CASE("one operator covers the course's shapes in one, two and three dimensions") {
    const auto through = [](const dims& image, int rank) {
        graph_builder b;
        auto x = b.conv(b.input(image), {.filters = 16, .slide = square(5, rank)});
        x = b.conv(x, {.filters = 32, .slide = square(5, rank)});
        ir::graph g = b.finish(x);
        bind_random(g, 1);
        return compiler::run_reference(g, random_inputs(g, 1)).at(0).shape;
    };
    using shape = std::vector<std::int64_t>;
    CHECK(through(dims::of(14, 1), 1) == shape{1, 6, 32});
    CHECK(through(dims::of(14, 14, 3), 2) == shape{1, 6, 6, 32});
    CHECK(through(dims::of(14, 14, 14, 1), 3) == shape{1, 6, 6, 6, 32});
}

TEST_CASE("global pooling makes one cell of 7x7x1000") {
    graph_builder b;
    const ir::graph g = b.finish(b.average_pool(b.input(dims::of(7, 7, 1000)), square(7)));
    CHECK(compiler::run_reference(g, random_inputs(g, 1)).at(0).shape == std::vector<std::int64_t>{1, 1, 1, 1000});
}
