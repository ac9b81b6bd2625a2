// The course's worked examples, sections on convolution and counting, through compiled kernels.
#include <doctest/doctest.h>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/tests/worked_examples.hpp>

#include "compare.hpp"

namespace kiln::testing {
namespace {

tensor compiled(ir::graph g, const std::vector<tensor>& inputs) {
    return compiler::model(compiler::compile_graph(std::move(g), {}))(inputs).at(0);
}

}  // namespace

TEST_CASE("compiled kernels give the results on the course's slides") {
    for (const worked_example& example : worked_examples()) {
        CAPTURE(example.name);
        CHECK(compiled(example.graph, {example.input}).values == example.expected);
    }
}

TEST_CASE("compiled mathematical convolution turns the filter by 180 degrees") {
    const worked_example flipped = mathematical_convolution();
    CHECK(compiled(flipped.graph, {flipped.input}).values.at(0) == 110);
}

TEST_CASE("the course's shapes in one, two and three dimensions, compiled") {
    for (int rank = 1; rank <= 3; ++rank) {
        const dims image = rank == 1 ? dims::of(14, 1) : rank == 2 ? dims::of(14, 14, 3) : dims::of(14, 14, 14, 1);
        graph_builder b;
        auto x = b.conv(b.input(image), {.filters = 16, .slide = square(5, rank)});
        x = b.conv(x, {.filters = 32, .slide = square(5, rank)});
        ir::graph g = b.finish(x);
        bind_random(g, 1);
        const std::vector<tensor> inputs = random_inputs(g, 1);
        const tensor expected = compiler::run_reference(g, inputs).at(0), found = compiled(g, inputs);
        std::vector<std::int64_t> shape(static_cast<std::size_t>(rank), 6);
        shape.insert(shape.begin(), 1);
        shape.push_back(32);
        CHECK(found.shape == shape);
        CHECK(relative_difference(found, expected) < 2e-5);
    }
}

TEST_CASE("a 1x1 bottleneck gives a 5x5 convolution a tenth of the work, compiled and run") {
    graph_builder b;
    const auto x = b.input(dims::of(28, 28, 192));
    const auto narrow = b.conv(x, {.filters = 16, .slide = square(1)});
    ir::graph g = b.finish(b.conv(narrow, {.filters = 32, .slide = square(5, 2, 1, 1, 2)}));
    bind_random(g, 3);
    const compiler::compiled_graph c = compiler::compile_graph(g, {});
    std::int64_t multiply_adds = 0;
    for (const plan::step& s : c.plan.steps) multiply_adds += s.multiply_adds;
    CHECK(multiply_adds == 2'408'448 + 10'035'200);  // 12.4 M; directly it would be 120,422,400
    const std::vector<tensor> inputs = random_inputs(g, 3);
    CHECK(relative_difference(compiled(g, inputs), compiler::run_reference(g, inputs).at(0)) < 2e-5);
}

}  // namespace kiln::testing
