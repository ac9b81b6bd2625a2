// Filters that are given instead of learned.
#include <doctest/doctest.h>

#include <kiln/tests/dsl/looking.hpp>

namespace {

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;

TEST_CASE("a given filter is a constant with its values in the order they were written") {
    static constexpr filter<2, 3> f{1, 2, 3, 4, 5, 6};
    static constexpr auto net = [](auto x) { return x | conv(f, bias(0.5), pad(1_c)); };
    constexpr graph_view g = network<net, shape<4, 4, 1>>::view();
    const node& weight = named_node(g, "conv1.weight");
    CHECK(weight.kind == op::constant);
    CHECK(weight.shape == dims::of(2, 3, 1, 1));
    CHECK(values_of(g, weight) == std::vector<float>{1, 2, 3, 4, 5, 6});
    CHECK(values_of(g, named_node(g, "conv1.bias")) == std::vector<float>{0.5F});
    CHECK(named_node(g, "conv1").shape == dims::of(5, 4, 1));
    CHECK(names(g, op::parameter).empty());
}

TEST_CASE("a bank stacks filters along the outputs") {
    static constexpr auto both = bank(filter<1, 2>{1, 2}, -filter<1, 2>{3, 4}, filter<1, 2>{5, 6});
    static_assert(both.extents == dims::of(1, 2, 1, 3));
    CHECK(std::vector<float>(both.values.begin(), both.values.end()) == std::vector<float>{1, -3, 5, 2, -4, 6});
    static constexpr auto wide = bank(filter<1, 1, 2, 2>{1, 2, 3, 4}, filter<1, 1, 2, 1>{5, 6});
    static_assert(wide.extents == dims::of(1, 1, 2, 3));
    CHECK(std::vector<float>(wide.values.begin(), wide.values.end()) == std::vector<float>{1, 2, 5, 3, 4, 6});
}

TEST_CASE("filters of one and three axes, and one filter for each channel") {
    static constexpr auto smooth = [](auto x) { return x | conv(filter<3>{1, 2, 1}, same); };
    static_assert(std::is_same_v<network<smooth, shape<9, 1>>::output, shape<9, 1>>);
    static constexpr auto corner = [](auto x) { return x | conv(filter<2, 2, 2, 1, 1>{1, 0, 0, 0, 0, 0, 0, -1}); };
    static_assert(std::is_same_v<network<corner, shape<4, 4, 4, 1>>::output, shape<3, 3, 3, 1>>);
    static constexpr auto apiece = [](auto x) { return x | conv(filter<1, 1, 1, 3>{1, 2, 3}, groups(3_c)); };
    static_assert(std::is_same_v<network<apiece, shape<4, 4, 3>>::output, shape<4, 4, 3>>);
}

TEST_CASE("the ready-made filters are the course's") {
    CHECK(vertical_edges.values == std::array<float, 9>{1, 0, -1, 1, 0, -1, 1, 0, -1});
    CHECK(horizontal_edges.values == std::array<float, 9>{1, 1, 1, 0, 0, 0, -1, -1, -1});
    CHECK(sobel_vertical.values == std::array<float, 9>{1, 0, -1, 2, 0, -2, 1, 0, -1});
    CHECK(scharr_vertical.values == std::array<float, 9>{3, 0, -3, 10, 0, -10, 3, 0, -3});
    for (std::size_t row = 0; row < 3; ++row)
        for (std::size_t column = 0; column < 3; ++column) {  // the horizontal ones are transposed
            CHECK(sobel_horizontal.values[3 * row + column] == sobel_vertical.values[3 * column + row]);
            CHECK(scharr_horizontal.values[3 * row + column] == scharr_vertical.values[3 * column + row]);
        }
}

}  // namespace
