#include <doctest/doctest.h>

#include <kiln/compiler/ir/verify.hpp>
#include <kiln/compiler/passes/flatten_into_dense.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;

namespace {

int flattens_in(const ir::graph& g) {
    int found = 0;
    for (const ir::node& n : g.nodes) found += n.kind == op::flatten;
    return found;
}

}  // namespace

TEST_CASE("dense layers read through any number of flattens") {
    graph_builder b;
    const auto x = b.input(dims::of(3, 3, 2));
    const auto flat = b.flatten(b.flatten(x));
    const ir::graph g = passes::flatten_into_dense(b.finish(b.add(b.dense(flat, 4), b.dense(flat, 4))));
    ir::verify(g);
    CHECK(flattens_in(g) == 0);
    for (const ir::node& n : g.nodes)
        if (n.kind == op::dense) CHECK(n.operands[0] == x);
}

TEST_CASE("a flatten that others read too stays for them") {
    graph_builder b;
    const auto flat = b.flatten(b.input(dims::of(2, 2)));
    const ir::graph g = passes::flatten_into_dense(b.finish({{"scores", b.dense(flat, 4)}, {"pixels", flat}}));
    ir::verify(g);
    CHECK(flattens_in(g) == 1);
    CHECK(g[g.outputs[0].node].operands[0] == 0);
}
