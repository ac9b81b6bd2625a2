#include <doctest/doctest.h>

#include <kiln/compiler/onnx/export_model.hpp>
#include <kiln/compiler/ops/reference.hpp>

#include "cases.hpp"

namespace kiln::testing {

ir::graph random_random(dice& d, int batch) {
    graph_builder b("random", batch);
    const dims shape = random_extents(d, d.roll(1, 5));
    const auto x = d.chance(50) ? b.whole_input(shape, element::int64)
                                : b.apply(op::cast, ops::cast::attributes{element::int64},
                                          {b.apply(op::multiply, {b.input(shape), b.constant({}, {1000})})});
    const auto bits = static_cast<std::uint64_t>(d.roll(0, 1 << 30));
    return b.finish(b.apply(op::random, ops::random::of_key(bits << 34 | bits), {x}));
}

TEST_CASE("random numbers are even, unrelated to their neighbours and to those of another key") {
    constexpr int count = 20'000;
    const auto numbers = [](std::uint64_t key) {
        graph_builder b("even");
        const auto x = b.whole_input(dims::of(count), element::int64);
        const ir::graph g = b.finish(b.apply(op::random, ops::random::of_key(key), {x}));
        tensor counting = zeros({count}, element::int64);
        for (int i = 0; i < count; ++i) counting.integers[static_cast<std::size_t>(i)] = i;
        return compiler::run_reference(g, {counting}).at(0).values;
    };
    const std::vector<float> u = numbers(1), other = numbers(2);
    std::array<int, 16> cells{};
    double neighbours = 0, keys = 0;
    for (std::size_t i = 0; i + 1 < u.size(); ++i) {
        REQUIRE(u[i] >= 0);
        REQUIRE(u[i] < 1);
        ++cells[static_cast<std::size_t>(u[i] * 16)];
        neighbours += (static_cast<double>(u[i]) - 0.5) * (static_cast<double>(u[i + 1]) - 0.5);
        keys += (static_cast<double>(u[i]) - 0.5) * (static_cast<double>(other[i]) - 0.5);
    }
    for (const int in_cell : cells) CHECK(std::abs(in_cell - count / 16) < 170);  // five deviations
    // A product's deviation is 1/12; of the mean of 20,000, 6e-4.
    CHECK(std::abs(neighbours / count) < 3e-3);
    CHECK(std::abs(keys / count) < 3e-3);
}

TEST_CASE("random numbers cannot be exported") {
    graph_builder b("random");
    const auto x = b.whole_input(dims::of(3), element::int64);
    const ir::graph g = b.finish(b.apply(op::random, ops::random::attributes{}, {x}));
    CHECK_THROWS_WITH_AS(onnx::export_model(g, [](byte_view) {}),
                         "'random1' makes random numbers that ONNX has no operator for", error);
}

}  // namespace kiln::testing
