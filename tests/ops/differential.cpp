// The compiled code of every operator of ops.def against its plain reference, in random shapes, batches and thread
// counts. KILN_CASES sets how many graphs per operator (the long test raises it), KILN_SEED where they start.
#include <doctest/doctest.h>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/ops/reference.hpp>

#include "cases.hpp"
#include "compare.hpp"

namespace kiln::testing {
namespace {

void check_one(ir::graph (*make)(dice&, int), std::uint32_t seed) {
    dice d{std::mt19937(seed)};
    ir::graph g = make(d, d.one_of({1, 1, 2, 3}));
    bind_random(g, seed);
    const std::vector<tensor> inputs = random_inputs(g, seed + 1);
    const std::vector<tensor> expected = compiler::run_reference(g, inputs);
    const compiler::model m(compiler::compile_graph(g, {}));
    std::vector<tensor> one_thread;
    for (const int threads : {1, 2}) {
        m.set_threads(threads);
        const std::vector<tensor> found = m(inputs);
        REQUIRE(found.size() == expected.size());
        for (std::size_t i = 0; i < found.size(); ++i) {
            INFO("seed ", seed, ", ", threads, " threads, output ", i, " of\n", ir::print(g));
            REQUIRE(found[i].shape == expected[i].shape);
            CHECK(relative_difference(found[i], expected[i]) < 2e-5);
            if (threads > 1) {
                CHECK(found[i].values == one_thread[i].values);
                CHECK(found[i].integers == one_thread[i].integers);
            }
        }
        one_thread = found;
    }
}

}  // namespace

#define KILN_OPERATOR(stem)                                                                              \
    TEST_CASE("compiled " #stem " agrees with its reference in random shapes") {                         \
        const int cases = setting("KILN_CASES", 6), first = setting("KILN_SEED", 1000);                  \
        for (int i = 0; i < cases; ++i) check_one(random_##stem, static_cast<std::uint32_t>(first + i)); \
    }
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR

// Wholly unrolled depthwise kernels that read the halo at constant indices: negative ones, counted from element 0.
TEST_CASE("compiled conv agrees with its reference where Halide once refused a negative constant index") {
    for (const std::uint32_t seed : {50130U, 50140U}) check_one(random_conv, seed);
}

}  // namespace kiln::testing
