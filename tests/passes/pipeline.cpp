#include <doctest/doctest.h>

#include <array>
#include <kiln/compiler/passes/pipeline.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/tests/graph_builder.hpp>
#include <stdexcept>

using namespace kiln;
using namespace kiln::testing;
using passes::pass;

namespace {

ir::graph same(ir::graph g) { return g; }

constexpr std::array<std::string_view, 1> after_first = {"first"};

}  // namespace

TEST_CASE("an unknown pass is refused with the names there are") {
    CHECK(passes::pass_named("fold_batch_norm").name == "fold_batch_norm");
    CHECK_THROWS_WITH_AS(passes::pass_named("fuse"),
                         "unknown pass 'fuse'; the passes are remove_dead_nodes, fold_constants, "
                         "remove_single_concat, flatten_into_dense, fold_batch_norm",
                         error);
}

TEST_CASE("a table out of order is refused") {
    const pass first{"first", same, {}}, second{"second", same, after_first};
    CHECK_NOTHROW(passes::check_order(std::array{first, second}));
    CHECK_THROWS_WITH_AS(passes::check_order(std::array{second, first}), "pass second must come after first",
                         std::logic_error);
    CHECK_THROWS_WITH_AS(passes::check_order(std::array{first, first}), "two passes are called first",
                         std::logic_error);
}

TEST_CASE("observers see every pass in order, with its graph and time") {
    graph_builder b;
    const auto x = b.input(dims::of(4, 4, 2));
    b.relu(x);
    ir::graph g = b.finish(b.sigmoid(x));
    std::vector<std::string_view> seen, timed;
    std::vector<int> sizes;
    passes::run_pipeline(g, {.after_pass =
                                 [&](const pass& p, const ir::graph& now) {
                                     seen.push_back(p.name);
                                     sizes.push_back(now.size());
                                 },
                             .timed =
                                 [&](const pass& p, double milliseconds) {
                                     timed.push_back(p.name);
                                     CHECK(milliseconds >= 0);
                                 }});
    std::vector<std::string_view> expected;
    for (const pass& p : passes::pipeline()) expected.push_back(p.name);
    CHECK(seen == expected);
    CHECK(timed == expected);
    CHECK(sizes.front() == 2);
}
