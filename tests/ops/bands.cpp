// Layers that run by bands of rows (compiler/plan/bands.hpp) against the reference, whatever rows they need of each
// other: random windows, strides and paddings, shortcuts over several layers.
#include <doctest/doctest.h>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/compiler/plan/make_plan.hpp>
#include <kiln/schedules/family.hpp>

#include "cases.hpp"
#include "compare.hpp"

namespace kiln::testing {
namespace {

/// A window whose output has about as many columns as its input, so that tensors stay large.
ops::window tall_window(dice& d, int extent) {
    ops::window w = square(extent);
    w.stride[0] = d.one_of({1, 1, 2});
    w.dilation[0] = d.one_of({1, 1, 2});
    const int reach = ops::dilated(extent, w.dilation[0]);
    w.pad_before[0] = d.roll(0, reach - 1);
    w.pad_after[0] = d.roll(0, reach - 1);
    w.pad_before[1] = extent / 2, w.pad_after[1] = (extent - 1) / 2;
    return w;
}

/// No layer of it is Winograd's, which do not run by bands.
ir::graph random_chain(dice& d) {
    graph_builder b("chain", 1);
    auto x = b.input(dims::of(d.roll(100, 130), 72, d.one_of({3, 4})));
    x = b.relu(b.conv(x, {.filters = 32, .slide = tall_window(d, d.one_of({1, 3, 5}))}));
    const int layers = d.roll(2, 4);
    for (int layer = 0; layer < layers; ++layer) {
        const auto before = x;
        switch (d.roll(0, 3)) {
            case 0: x = b.max_pool(x, tall_window(d, d.one_of({2, 3}))); break;
            case 1: x = b.relu(b.depthwise(x, tall_window(d, d.one_of({3, 5})))); break;
            case 2: x = b.relu(b.conv(x, {.filters = 40, .slide = square(1)})); break;
            default: {
                x = b.depthwise(b.relu(b.conv(x, {.filters = b.sample(x).channels(), .slide = square(1)})),
                                square(3, 2, 1, 1, 1));
                x = b.relu(b.add(x, before));
            }
        }
    }
    return d.chance(50) ? b.finish(x) : b.finish({{"first", x}, {"second", b.relu(b.add(x, x))}});
}

bool has_bands(const plan::plan& p) {
    return std::ranges::any_of(p.steps,
                               [](const plan::step& s) { return s.name.find(", rows ") != std::string::npos; });
}

}  // namespace

TEST_CASE("layers that run by bands of rows agree with the reference") {
    const int cases = setting("KILN_CASES", 6), first = setting("KILN_SEED", 1000);
    int with_bands = 0;
    for (int seed = first; seed < first + cases; ++seed) {
        dice d{std::mt19937(static_cast<std::uint32_t>(seed))};
        ir::graph g = random_chain(d);
        bind_random(g, static_cast<std::uint32_t>(seed));
        const std::vector<tensor> inputs = random_inputs(g, static_cast<std::uint32_t>(seed) + 1);
        const std::vector<tensor> expected = compiler::run_reference(g, inputs);
        compiler::compile_options options;
        options.plan.threads = 1;
        const compiler::model m(compiler::compile_graph(g, options));
        with_bands += has_bands(m.plan());
        for (const int threads : {1, 2}) {
            m.set_threads(threads);
            const std::vector<tensor> found = m(inputs);
            for (std::size_t i = 0; i < found.size(); ++i) {
                INFO("seed ", seed, ", ", threads, " threads, output ", i, " of\n", ir::print(g));
                REQUIRE(found[i].shape == expected[i].shape);
                CHECK(relative_difference(found[i], expected[i]) < 2e-5);
            }
        }
    }
    CHECK(2 * with_bands >= cases);
}

// Its rows are not those that its window slides over.
TEST_CASE("a convolution that pools its values runs before the bands of those that read it") {
    graph_builder b("pooled", 1);
    auto x = b.relu(b.conv(b.input(dims::of(192, 256, 2)), {.filters = 64, .slide = square(3, 2, 1, 1, 1)}));
    x = b.max_pool(x, square(2, 2, 2));
    x = b.relu(b.conv(x, {.filters = 64, .slide = square(1)}));
    ir::graph g = b.finish(b.relu(b.depthwise(x, square(3, 2, 1, 1, 1))));
    bind_random(g, 1);
    compiler::compile_options options;
    options.plan.threads = 1;
    options.plan.choose = [](schedules::kernel& k, const schedules::machine& m) {
        schedules::choose(k, m, schedules::precision::bounded);
        for (const schedules::schedule& how : schedules::candidates(k, m, schedules::precision::bounded))
            if (how.which == schedules::family::winograd_rows) return schedules::set_schedule(k, how);
    };
    const compiler::model m(compiler::compile_graph(g, options));
    CHECK(has_bands(m.plan()));
    CHECK(std::ranges::any_of(m.plan().kernels, [](const schedules::kernel& k) { return k.pool == 2; }));
    const std::vector<tensor> inputs = random_inputs(g, 2);
    CHECK(relative_difference(m(inputs)[0], compiler::run_reference(g, inputs)[0]) < 1e-4);
}

TEST_CASE("bands have the costs of their rows, which add up to the layers'") {
    graph_builder b("chain", 1);
    auto x = b.input(dims::of(128, 96, 3));
    x = b.relu(b.conv(x, {.filters = 32, .slide = square(3, 2, 1, 1, 1)}));
    x = b.relu(b.depthwise(x, square(3, 2, 1, 1, 1)));
    ir::graph g = b.finish(b.conv(x, {.filters = 16, .slide = square(1)}));
    bind_random(g, 1);
    const auto cost_for = [&](int threads) {
        const plan::plan p = plan::make_plan(g, "x86-64-linux-avx-avx2-f16c-fma-sse41", {.threads = threads});
        CHECK(has_bands(p) == (threads == 1));
        std::int64_t multiply_adds = 0;
        for (const plan::step& s : p.steps) multiply_adds += s.multiply_adds;
        return multiply_adds;
    };
    // The caches of many threads hold what is between layers.
    CHECK(cost_for(1) == cost_for(64));
    CHECK(cost_for(1) == 128 * 96 * (32 * 27 + 32 * 9 + 16 * 32));
}

}  // namespace kiln::testing
