// Narrow numbers for weights: how they are rounded, and which layers get them.
#include <doctest/doctest.h>

#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/plan/make_plan.hpp>
#include <kiln/compiler/plan/rounding.hpp>
#include <kiln/tests/graph_builder.hpp>

#include <cmath>
#include <limits>

using namespace kiln;
using namespace kiln::testing;
using schedules::storage;

namespace {

float through_bfloat16(float value) { return plan::float_of_bfloat16(plan::bfloat16_of(value)); }

/// One dense layer of `inputs` x 64 weights; the first of them is `first`.
plan::plan planned(int inputs, storage weights, float first = 0.5F) {
    graph_builder b;
    ir::graph g = b.finish(b.dense(b.input(dims::of(inputs)), 64));
    bind_random(g, 1);
    for (ir::node& n : g.nodes)
        if (n.kind == op::parameter && n.shape.rank == 2) {
            tensor changed = *n.value;
            changed.values[0] = first;
            n.value = std::make_shared<const tensor>(changed);
        }
    return plan::make_plan(g, compiler::resolve_target("x86-64-linux-avx2-fma"), {.weights = weights});
}

storage of_filters(const plan::plan& p) { return p.kernels.at(0).inputs.at(1).packed.stored; }

}  // namespace

TEST_CASE("bfloat16 is the nearest, and of two the even one") {
    CHECK(through_bfloat16(1.0F) == 1.0F);
    CHECK(through_bfloat16(-0.0F) == 0.0F);
    CHECK(std::signbit(through_bfloat16(-0.0F)));
    CHECK(through_bfloat16(1.0F + 0x1p-8F) == 1.0F);               // halfway: 1 is even
    CHECK(through_bfloat16(1.0F + 3 * 0x1p-8F) == 1 + 0x1p-6F);    // halfway: up to the even one
    CHECK(through_bfloat16(1.0F + 0x1.02p-8F) == 1.0F + 0x1p-7F);  // just above
    CHECK(through_bfloat16(-1.0F - 0x1.02p-8F) == -1.0F - 0x1p-7F);
    CHECK(through_bfloat16(0x1p-133F) == 0x1p-133F);  // the least
}

TEST_CASE("bfloat16 keeps what is not finite, and overflows to infinity") {
    const float infinity = std::numeric_limits<float>::infinity();
    CHECK(through_bfloat16(infinity) == infinity);
    CHECK(through_bfloat16(-infinity) == -infinity);
    CHECK(through_bfloat16(std::numeric_limits<float>::max()) == infinity);
    for (const std::uint32_t bits : {0x7f800001U, 0xff800001U, 0x7fffffffU, 0x7fc00000U})
        CHECK(std::isnan(through_bfloat16(std::bit_cast<float>(bits))));
}

TEST_CASE("int8 has a scale for each filter, and none where it could not say what a weight is") {
    tensor t{{2, 3}, {1, -4, 0, -2, 3, 0}};
    const auto scales = plan::int8_scales(t);
    REQUIRE(scales);
    CHECK(scales->values == std::vector<float>{2.0F / 127, 4.0F / 127, 0});
    CHECK(plan::int8_of(-2, scales->values[0]) == -127);
    CHECK(plan::int8_of(1, scales->values[0]) == 64);  // 63.5: of two, the even one
    CHECK(plan::int8_of(0, 0) == 0);
    CHECK(plan::int8_of(178 * 0x1p-149F, 0x1p-149F) == 127);  // a scale that was rounded down
    t.values[4] = std::numeric_limits<float>::quiet_NaN();
    CHECK(!plan::int8_scales(t));
    t.values[4] = -std::numeric_limits<float>::infinity();
    CHECK(!plan::int8_scales(t));
}

TEST_CASE("layers of enough weights are stored narrow, and the block of weights shrinks") {
    const std::int64_t wide = planned(512, storage::float32).weights_bytes;
    CHECK(of_filters(planned(512, storage::float32)) == storage::float32);
    const plan::plan half = planned(512, storage::bfloat16), quarter = planned(512, storage::int8);
    CHECK(of_filters(half) == storage::bfloat16);
    CHECK(of_filters(quarter) == storage::int8);
    CHECK(wide - half.weights_bytes == 512 * 64 * 2);
    CHECK(wide - quarter.weights_bytes == 512 * 64 * 3 - 64 * 4);  // the scales
    CHECK(of_filters(planned(60, storage::bfloat16)) == storage::float32);
}

TEST_CASE("a layer whose weights are not finite stays float32 where int8 is wanted") {
    CHECK(of_filters(planned(512, storage::int8, std::numeric_limits<float>::infinity())) == storage::float32);
    CHECK(of_filters(planned(512, storage::bfloat16, std::numeric_limits<float>::infinity())) == storage::bfloat16);
}
