// The planner: what is fused, what shares memory, what is copied.
#include <doctest/doctest.h>

#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/plan/arena.hpp>
#include <kiln/compiler/plan/groups.hpp>
#include <kiln/compiler/plan/make_plan.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;

namespace {

plan::plan planned(ir::graph g) {
    bind_random(g, 1);
    return plan::make_plan(g, compiler::resolve_target("x86-64-linux-avx2-fma"), schedules::precision::strict);
}

ops::conv::attributes filters(int count, int extent = 3, int pad = 1) {
    return {.filters = count, .slide = square(extent, 2, 1, 1, pad)};
}

}  // namespace

TEST_CASE("activation and shortcut are computed where the convolution stores its value") {
    graph_builder b;
    const auto x = b.input(dims::of(8, 8, 16));
    const auto y = b.conv(b.relu(b.conv(x, filters(16))), filters(16));
    const plan::plan p = planned(b.finish(b.relu(b.add(y, x))));
    // The first step copies the caller's input into memory with a halo.
    REQUIRE(p.steps.size() == 3);
    CHECK(p.steps[0].name == "copy of input");
    CHECK(p.steps[1].name == "conv1 + relu1");
    CHECK(p.steps[2].name == "conv2 + add1 + relu2");
    CHECK(p.steps[2].output.where == plan::space::output);
}

TEST_CASE("a value that somebody else reads is not swallowed by a fused kernel") {
    graph_builder b;
    const auto x = b.conv(b.input(dims::of(8, 8, 4)), filters(8, 1, 0));
    const plan::plan p = planned(b.finish({{"raw", x}, {"active", b.relu(x)}}));
    CHECK(p.steps.size() == 2);
}

TEST_CASE("convolutions write their slices of a concatenation in place") {
    graph_builder b;
    const auto x = b.input(dims::of(8, 8, 4));
    const auto joined = b.concat({b.relu(b.conv(x, filters(8, 1, 0))), b.conv(x, filters(24, 1, 0))});
    const plan::plan p = planned(b.finish(joined));
    REQUIRE(p.steps.size() == 2);
    CHECK(p.steps[0].output.byte == 0);
    CHECK(p.steps[1].output.byte == 8 * 4);
    CHECK(p.kernels[1].output.stride[1] == 32);
}

TEST_CASE("equal layers share one kernel and equal weights one place") {
    graph_builder b;
    auto x = b.input(dims::of(8, 8, 16));
    for (int i = 0; i < 5; ++i) x = b.relu(b.conv(x, filters(16)));
    const plan::plan p = planned(b.finish(b.conv(x, filters(16, 1, 0))));
    CHECK(p.steps.size() == 7);
    CHECK(p.kernels.size() == 4);  // the copy, four convolutions into a halo, one into none, the last
}

TEST_CASE("buffers alive at the same time never overlap, and the arena is reused") {
    std::vector<plan::lifetime> lives;
    std::uint32_t seed = 7;
    const auto next = [&] { return seed = seed * 1664525U + 1013904223U; };
    for (int i = 0; i < 200; ++i) {
        const int first = static_cast<int>(next() >> 16) % 100;
        lives.push_back({first, first + static_cast<int>(next() >> 16) % 9, 1 + (next() >> 16) % 5000, 0});
    }
    const std::int64_t size = plan::assign_offsets(lives);
    std::int64_t total = 0, fullest = 0;
    for (int step = 0; step < 110; ++step) {
        std::int64_t live = 0;
        for (const auto& l : lives)
            if (l.first <= step && step <= l.last) live += (l.bytes + 63) / 64 * 64;
        fullest = std::max(fullest, live);
    }
    for (std::size_t i = 0; i < lives.size(); ++i) {
        total += lives[i].bytes;
        CHECK(lives[i].byte % 64 == 0);
        CHECK(lives[i].byte + lives[i].bytes <= size);
        for (std::size_t j = 0; j < i; ++j) {
            const bool together = lives[i].first <= lives[j].last && lives[j].first <= lives[i].last;
            const bool apart =
                lives[i].byte + lives[i].bytes <= lives[j].byte || lives[j].byte + lives[j].bytes <= lives[i].byte;
            if (together) CHECK(apart);
        }
    }
    CHECK(size < total / 5);
    CHECK(size <= fullest * 5 / 4);
}

TEST_CASE("an output that is a constant is copied from the weights") {
    graph_builder b;
    b.input(dims::of(4));
    const auto w = b.constant(dims::of(4), {1, 2, 3, 4});
    ir::graph g = b.graph();
    g.outputs = {{"w", w}};
    const plan::plan p = planned(g);
    REQUIRE(p.steps.size() == 1);
    CHECK(p.steps[0].inputs.at(0).where == plan::space::weights);
    CHECK(p.steps[0].output.where == plan::space::output);
}
