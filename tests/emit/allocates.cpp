// That a kernel which allocates is recognised: tests/ops/schedules.cpp looks for none among those of the families.
#include <Halide.h>
#include <doctest/doctest.h>

#include <kiln/compiler/lower/definition.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/plan/make_plan.hpp>

#include <kiln/tests/graph_builder.hpp>
#include <kiln/tests/ops/allocates.hpp>

namespace kiln::testing {

TEST_CASE("a kernel that keeps all of its sums in memory is seen to allocate it") {
    graph_builder b("allocates");
    ir::graph g = b.finish(b.conv(b.input(dims::of(40, 40, 16)), {.filters = 16, .slide = {}}, true));
    bind_random(g, 1);
    const std::string host = compiler::resolve_target("host");
    int met = 0;
    for (const schedules::kernel& k : plan::make_plan(g, host, {}).kernels) {
        if (k.what != schedules::anchor::operation) continue;
        ++met;
        CHECK_FALSE(allocates(compiler::lower_to_bitcode(k, host, "kernel")));
        CHECK(allocates(compiler::lower_to_bitcode(k, host, "kernel",
                                                   [](compiler::definition& d) { d.stages.sum.compute_root(); })));
    }
    CHECK(met > 0);
}

}  // namespace kiln::testing
