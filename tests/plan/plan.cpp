// The planner: what is fused, what shares memory, what is copied.
#include <doctest/doctest.h>

#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/plan/arena.hpp>
#include <kiln/compiler/plan/groups.hpp>
#include <kiln/compiler/plan/make_plan.hpp>
#include <kiln/compiler/plan/strassen_error.hpp>
#include <kiln/compiler/plan/winograd_error.hpp>
#include <kiln/schedules/winograd_transform.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;

namespace {

plan::plan planned(ir::graph g) {
    bind_random(g, 1);
    return plan::make_plan(g, compiler::resolve_target("x86-64-linux-avx2-fma"),
                           {.precision = schedules::precision::strict});
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

TEST_CASE("few channels have planes of their own, unless somebody reads them otherwise") {
    const auto pitch_of_channels = [](auto&& read) {
        graph_builder b;
        const auto x = b.relu(b.conv(b.input(dims::of(8, 16, 1)), filters(3)));
        const plan::plan p = planned(b.finish(read(b, x)));
        return p.kernels[static_cast<std::size_t>(p.steps[1].kernel)].output.stride[0];
    };
    CHECK(pitch_of_channels([](graph_builder& b, int x) { return b.conv(x, filters(16, 3, 0)); }) == 8 * 16);
    CHECK(pitch_of_channels([](graph_builder& b, int x) { return b.max_pool(x, square(2)); }) == 8 * 16);
    CHECK(pitch_of_channels([](graph_builder& b, int x) { return b.softmax(x); }) == 1);
    CHECK(pitch_of_channels([](graph_builder& b, int x) { return b.dense(x, 4); }) == 1);
    CHECK(pitch_of_channels([](graph_builder&, int x) { return x; }) == 1);
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

TEST_CASE("Winograd's transforms compute what the definition does") {
    for (const auto& [taps, stride] : {std::pair{3, 1}, {3, 2}, {5, 1}}) {
        const std::vector<schedules::winograd_tile> tiles = schedules::winograd_tiles(taps, stride);
        CHECK(tiles.size() >= 2);
        for (const schedules::winograd_tile& tile : tiles) {
            CAPTURE(taps);
            CAPTURE(stride);
            CAPTURE(tile.outputs);
            const dims shape = dims::of(taps, taps, 16, 8);
            // Single precision: larger tiles lose more, none of them all of it.
            for (const bool in_chunks : {false, true}) {
                CAPTURE(in_chunks);
                CHECK(plan::winograd_error(random_tensor(shape, 3), false, tile, in_chunks) < 2e-5);
                CHECK(plan::winograd_error(random_tensor(shape, 3), true, tile, in_chunks) < 2e-5);
                CHECK(plan::winograd_error(random_tensor(shape, 3), false, tile, in_chunks) > 0);
            }
        }
    }
}

TEST_CASE("Strassen's products compute what the definition does") {
    for (const std::int32_t block : {8, 16, 32}) {
        CHECK(plan::strassen_error(random_tensor(dims::of(1, 1, 256, 64), 3), block) < 5e-6);
        CHECK(plan::strassen_error(random_tensor(dims::of(1, 1, 256, 64), 3), block) > 0);
    }
    // Weights of which a product fits float32, but not a sum of two.
    tensor large = random_tensor(dims::of(1, 1, 64, 64), 3);
    for (std::size_t i = 0; i < large.values.size(); ++i) {
        const std::size_t channel = i / 64, filter = i % 64;
        const bool one = channel == (filter / 16 % 2 == 0 ? 0 : 32);
        large.values[i] = one ? std::numeric_limits<float>::max() * 0.75F : 0.0F;
    }
    CHECK(plan::strassen_error(large, 16) > plan::tolerated_error);
}

namespace {

schedules::family family_of_conv(float outlier, schedules::precision allowed) {
    graph_builder b;
    ir::graph g = b.finish(b.conv(b.input(dims::of(56, 56, 64)), filters(64)));
    bind_random(g, 1);
    for (ir::node& n : g.nodes) {
        if (n.kind != op::parameter || n.shape.rank != 4) continue;
        tensor t = *n.value;
        // The middle of filters so large that their products still fit float32, but no sums of them.
        for (std::size_t c = 0; c < 64; ++c)
            for (std::size_t f = 0; f < 64; ++f) t.values[(4 * 64 + c) * 64 + f] += outlier * static_cast<float>(f % 7);
        n.value = std::make_shared<const tensor>(std::move(t));
    }
    const plan::plan p = plan::make_plan(g, compiler::resolve_target("x86-64-linux-avx2-fma"), {.precision = allowed});
    for (const schedules::kernel& k : p.kernels)
        if (k.what == schedules::anchor::operation && k.kind == op::conv) return k.how.which;
    return schedules::family::pointwise;
}

}  // namespace

TEST_CASE("3x3 convolutions are Winograd's, unless every product must be the definition's or the error is large") {
    using schedules::family;
    using schedules::precision;
    CHECK(family_of_conv(0, precision::bounded) == family::winograd);
    CHECK(family_of_conv(0, precision::strict) == family::direct_conv);
    CHECK(family_of_conv(std::numeric_limits<float>::max() / 64, precision::bounded) == family::direct_conv);
}

namespace {

/// The extents of the pooling that the kernel of a convolution does, and how many kernels run after the input's copy.
struct pooled_plan {
    std::int32_t pool = 1;
    std::size_t kernels = 0;
};

template <class Network>
pooled_plan plan_of_pooling(const Network& network, const ops::conv::attributes& conv = filters(64),
                            schedules::precision allowed = schedules::precision::bounded) {
    graph_builder b;
    const auto x = b.conv(b.input(dims::of(57, 57, 64)), conv);
    ir::graph g = network(b, x);
    bind_random(g, 1);
    const plan::plan p = plan::make_plan(g, compiler::resolve_target("x86-64-linux-avx2-fma"), {.precision = allowed});
    pooled_plan found{1, p.steps.size() - 1};
    for (const schedules::kernel& k : p.kernels) found.pool = std::max(found.pool, k.pool);
    return found;
}

}  // namespace

TEST_CASE(
    "max pooling is computed by the Winograd convolution before it, where windows fit tiles and nothing is lost") {
    const ops::window halves = square(2, 2, 2);
    const auto pooled = [](const ops::window& w) {
        return [w](graph_builder& b, int x) { return b.finish(b.max_pool(b.relu(x), w)); };
    };
    const pooled_plan one = plan_of_pooling(pooled(halves));
    CHECK(one.pool == 2);
    CHECK(one.kernels == 1);
    const pooled_plan more = plan_of_pooling([&](graph_builder& b, int x) {
        const auto y = b.max_pool(x, halves);
        return b.finish(b.relu(b.add(y, b.input(dims::of(28, 28, 64)))));
    });
    CHECK(more.pool == 2);

    CHECK(plan_of_pooling(pooled(halves), filters(64), schedules::precision::strict).pool == 1);
    CHECK(plan_of_pooling(pooled(square(3, 2, 2))).pool == 1);        // windows overlap
    CHECK(plan_of_pooling(pooled(square(2, 2, 2, 1, 1))).pool == 1);  // the first lies partly outside
    CHECK(plan_of_pooling(pooled(square(5, 2, 5))).pool == 1);        // no tile has five outputs
    CHECK(plan_of_pooling(pooled(halves), filters(64, 1, 0)).pool == 1);
    CHECK(plan_of_pooling([&](graph_builder& b, int x) {
              return b.finish({{"all", x}, {"largest", b.max_pool(x, halves)}});
          }).pool == 1);
    CHECK(plan_of_pooling([&](graph_builder& b, int x) {
              return b.finish(b.max_pool(b.add(x, b.input(dims::of(57, 57, 64))), halves));
          }).pool == 1);
    CHECK(plan_of_pooling([&](graph_builder& b, int x) {
              const auto falling = b.apply(op::leaky_relu, ops::leaky_relu::attributes{-0.1F}, {x});
              return b.finish(b.max_pool(falling, halves));
          }).pool == 1);
}

TEST_CASE("a buffer grows into the largest gap that is there while it is alive, and never shrinks") {
    // Alive together: [0, 100), the one that grows, [320, 420). Another one of [100, 1000) lives later.
    std::vector<plan::lifetime> lives{{0, 3, 100, 0}, {2, 2, 64, 128}, {1, 2, 100, 320}, {4, 5, 900, 100}};
    plan::grow_into_gap(lives, 1, 150, 1000);
    CHECK(lives[1].byte == 128);  // behind the first, aligned
    CHECK(lives[1].bytes == 150);
    plan::grow_into_gap(lives, 1, 5000, 1000);
    CHECK(lives[1].byte == 448);
    CHECK(lives[1].bytes == 1000 - 448);
    plan::grow_into_gap(lives, 1, 10, 1000);
    CHECK(lives[1].bytes == 1000 - 448);
}

TEST_CASE("a kernel's scratch has a slot for each expected thread, and more where the arena has room") {
    graph_builder b;
    ir::graph g = b.finish(b.conv(b.relu(b.conv(b.input(dims::of(56, 56, 64)), filters(64))), filters(64)));
    bind_random(g, 1);
    const auto planned_for = [&](int threads) {
        return plan::make_plan(g, compiler::resolve_target("x86-64-linux-avx2-fma"), {.threads = threads});
    };
    const plan::plan few = planned_for(1), many = planned_for(16);
    CHECK(few.arena_bytes < many.arena_bytes);
    for (std::size_t i = 0; i < many.steps.size(); ++i) {
        if (many.steps[i].scratch_byte < 0) continue;
        const auto of_kernel = schedules::scratch_of(many.kernels[static_cast<std::size_t>(many.steps[i].kernel)]);
        CHECK(many.steps[i].scratch_slots == of_kernel.slots);
        CHECK(few.steps[i].scratch_slots >= 1);
    }
}

TEST_CASE("a kernel's scratch lies in the arena, beside what is alive while it runs") {
    graph_builder b;
    ir::graph g = b.finish(b.conv(b.relu(b.conv(b.input(dims::of(56, 56, 64)), filters(64))), filters(64)));
    bind_random(g, 1);
    const plan::plan p = plan::make_plan(g, compiler::resolve_target("x86-64-linux-avx2-fma"));
    int with_scratch = 0;
    for (const plan::step& s : p.steps) {
        if (s.scratch_byte < 0) continue;
        ++with_scratch;
        CHECK(s.scratch_slots >= 1);
        const std::int64_t end =
            s.scratch_byte +
            schedules::scratch_of(p.kernels[static_cast<std::size_t>(s.kernel)]).bytes(s.scratch_slots);
        CHECK(end <= p.arena_bytes);
        for (const plan::place& place : {s.inputs[0], s.output})
            if (place.where == plan::space::arena) CHECK((place.byte < s.scratch_byte || place.byte >= end));
    }
    CHECK(with_scratch == 2);
}
