#include <doctest/doctest.h>

#include <kiln/compiler/ir/verify.hpp>
#include <kiln/compiler/passes/remove_dead_nodes.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;

TEST_CASE("what no output depends on goes, with its weights; inputs stay") {
    graph_builder b;
    const auto x = b.input(dims::of(4));
    b.input(dims::of(2), "unread");
    b.relu(b.dense(x, 7));
    const ir::graph g = passes::remove_dead_nodes(b.finish(b.dense(x, 3)));
    ir::verify(g);
    CHECK(g.size() == 5);
    CHECK(g.inputs().size() == 2);
    CHECK(g[g.outputs[0].node].name == "dense2");
}

TEST_CASE("a graph without dead nodes stays as it is") {
    graph_builder b;
    const auto x = b.relu(b.input(dims::of(4)));
    const ir::graph g = passes::remove_dead_nodes(b.finish({{"early", x}, {"late", b.sigmoid(x)}}));
    CHECK(g.size() == 3);
    CHECK(g.outputs[0].node == 1);
}
