// The figures of the course's slides on counting, and of the papers.
#include <doctest/doctest.h>

#include <kiln/compiler/ir/cost_table.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::testing;

namespace {

ir::cost_row total_of(graph_builder& b, int y) { return ir::cost_table_of(b.finish(y)).total; }

int conv_bn(graph_builder& b, int x, int filters, int window, int stride = 1) {
    return b.batch_norm(b.conv(x, {.filters = filters, .slide = square(window, 2, stride, 1, window / 2)}, false));
}

int bottleneck(graph_builder& b, int x, int width, int stride) {
    auto y = b.relu(conv_bn(b, x, width, 1));
    y = b.relu(conv_bn(b, y, width, 3, stride));
    y = conv_bn(b, y, 4 * width, 1);
    const bool same = b.sample(x) == b.sample(y);
    return b.relu(b.add(same ? x : conv_bn(b, x, 4 * width, 1, stride), y));
}

}  // namespace

TEST_CASE("the input's row is (32,32,3): 3,072, 0, and a row tells its layer's figures") {
    graph_builder b;
    const auto x = b.conv(b.input(dims::of(32, 32, 3)), {.filters = 6, .slide = square(5)});
    const ir::cost_table table = ir::cost_table_of(b.finish(b.relu(x)));
    REQUIRE(table.rows.size() == 3);
    CHECK(table.rows[0].operation == "input");
    CHECK(table.rows[0].shape == dims::of(32, 32, 3));
    CHECK(table.rows[0].activations == 3'072);
    CHECK(table.rows[0].parameters == 0);
    CHECK(table.rows[1].name == "conv1");
    CHECK(table.rows[1].activations == 4'704);
    CHECK(table.rows[1].parameters == 456);
    CHECK(table.rows[1].multiply_adds == 4'704 * 75);
    CHECK(table.rows[2].parameters == 0);
    CHECK(table.total.activations == 3'072 + 2 * 4'704);
    CHECK(table.total.operations > table.total.multiply_adds);
}

TEST_CASE("one 5x5 filter with its bias has 26 parameters, six have 156, dense layers millions") {
    for (const auto& [filters, parameters] : {std::pair(1, 26), std::pair(6, 156)}) {
        graph_builder b;
        CHECK(total_of(b, b.conv(b.input(dims::of(32, 32, 1)), {.filters = filters, .slide = square(5)})).parameters ==
              parameters);
    }
    graph_builder b;
    CHECK(total_of(b, b.dense(b.input(dims::of(32, 32, 3)), 4'704, false)).parameters == 14'450'688);
}

TEST_CASE("a bottleneck turns 120 M multiplications into 12.4 M") {
    graph_builder straight;
    CHECK(total_of(straight, straight.conv(straight.input(dims::of(28, 28, 192)),
                                           {.filters = 32, .slide = square(5, 2, 1, 1, 2)}))
              .multiply_adds == 120'422'400);
    graph_builder b;
    const auto x = b.conv(b.input(dims::of(28, 28, 192)), {.filters = 16, .slide = square(1)});
    const ir::cost_table table =
        ir::cost_table_of(b.finish(b.conv(x, {.filters = 32, .slide = square(5, 2, 1, 1, 2)})));
    CHECK(table.rows[1].multiply_adds == 2'408'448);
    CHECK(table.rows[2].multiply_adds == 10'035'200);
    CHECK(table.total.multiply_adds == 12'443'648);
}

TEST_CASE("costs do not depend on the batch") {
    graph_builder b("net", 8);
    CHECK(total_of(b, b.conv(b.input(dims::of(6, 6, 1)), {.filters = 1, .slide = square(3)})).multiply_adds == 144);
}

TEST_CASE("shared weights count once") {
    graph_builder b;
    const auto w = b.parameter(dims::of(4, 2), role::weight, 4, "w");
    const auto tower = [&](int x) { return b.apply(op::dense, ops::dense::attributes{2}, {x, w}); };
    const auto y = b.add(tower(b.input(dims::of(4))), tower(b.input(dims::of(4))));
    const ir::cost_row total = total_of(b, y);
    CHECK(total.parameters == 8);
    CHECK(total.multiply_adds == 16);
}

TEST_CASE("given filters and running statistics are not learned") {
    graph_builder b;
    const auto x = b.input(dims::of(4, 4, 1));
    const auto w = b.constant(dims::of(1, 1, 1, 2), {1, 2});
    const auto y = b.apply(op::conv, ops::conv::attributes{.filters = 2, .slide = square(1)}, {x, w});
    CHECK(total_of(b, b.batch_norm(y)).parameters == 4);
}

TEST_CASE("ResNet-50 has 25,557,032 parameters and costs 4.09 G multiply-adds") {
    graph_builder b("resnet50");
    auto x = b.relu(conv_bn(b, b.input(dims::of(224, 224, 3)), 64, 7, 2));
    x = b.max_pool(x, square(3, 2, 2, 1, 1));
    int width = 64;
    for (const int blocks : {3, 4, 6, 3}) {
        for (int i = 0; i < blocks; ++i) x = bottleneck(b, x, width, i == 0 && width > 64 ? 2 : 1);
        width *= 2;
    }
    const ir::cost_row total = total_of(b, b.softmax(b.dense(b.average_pool(x, square(7)), 1000)));
    CHECK(total.parameters == 25'557'032);
    CHECK(total.multiply_adds == 4'089'184'256);
}
