#include <doctest/doctest.h>

#include <kiln/compiler/ir/verify.hpp>
#include <kiln/compiler/passes/remove_single_concat.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;

TEST_CASE("concats of one tensor go, even one that is an output, and others stay") {
    graph_builder b;
    const auto x = b.input(dims::of(4));
    const auto y = b.relu(b.concat({b.concat({x})}));
    const ir::graph g = passes::remove_single_concat(b.finish({{"pair", b.concat({y, y})}, {"single", b.concat({y})}}));
    ir::verify(g);
    REQUIRE(g.size() == 3);
    CHECK(g[1].kind == op::relu);
    CHECK(g[2].operands == std::vector{1, 1});
    CHECK(g.outputs[1].node == 1);
}

TEST_CASE("a concat of one weight gives it its batch and stays") {
    graph_builder b("test", 3);
    const auto x = b.input(dims::of(4));
    const auto w = b.concat({b.constant(dims::of(4), {1, 2, 3, 4})});
    const ir::graph g = passes::remove_single_concat(b.finish(b.add(x, w)));
    ir::verify(g);
    CHECK(g.size() == 4);
}
