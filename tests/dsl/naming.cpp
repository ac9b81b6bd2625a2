// Names of layers and parameters, scopes and sharing.
#include <doctest/doctest.h>

#include <set>

#include <kiln/tests/dsl/looking.hpp>

namespace {

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;
using list = std::vector<std::string>;

TEST_CASE("layers are numbered by operator, parameters follow their layer") {
    static constexpr auto net = [](auto x) {
        return x | conv_bn(4_c, 3_c) | relu | conv(2_c, 1_c) | relu | dense(3_c);
    };
    constexpr graph_view g = network<net, shape<5, 5, 1>>::view();
    CHECK(layer_names(g) == list{"conv1", "batch_norm1", "relu1", "conv2", "relu2", "dense1"});
    CHECK(names(g, op::parameter) == list{"conv1.weight", "batch_norm1.scale", "batch_norm1.shift", "batch_norm1.mean",
                                          "batch_norm1.variance", "conv2.weight", "conv2.bias", "dense1.weight",
                                          "dense1.bias"});
}

TEST_CASE("branches are numbered in the order they are written, under every compiler") {
    static constexpr auto net = [](auto x) {
        return concat(x | conv(1_c, 1_c) | relu, x | conv(2_c, 1_c), x | conv(3_c, 1_c) | relu);
    };
    constexpr graph_view g = network<net, shape<5, 5, 1>>::view();
    CHECK(named_node(g, "conv1").shape.channels() == 1);
    CHECK(named_node(g, "conv2").shape.channels() == 2);
    CHECK(named_node(g, "conv3").shape.channels() == 3);
}

TEST_CASE("a named block is a scope, a named layer carries the name itself") {
    static constexpr auto block = seq(conv(4_c, 3_c, same), relu);
    static constexpr auto net = [](auto x) {
        return x | named("stem"_n, conv(4_c, 1_c)) | named("stage"_n, seq(block, named("last"_n, block), block)) |
               block;
    };
    constexpr graph_view g = network<net, shape<5, 5, 1>>::view();
    CHECK(layer_names(g) == list{"stem", "stage.conv1", "stage.relu1", "stage.last.conv1", "stage.last.relu1",
                                 "stage.conv2", "stage.relu2", "conv1", "relu1"});
    CHECK(names(g, op::parameter).front() == "stem.weight");
    CHECK(named_node(g, "stage.last.conv1.bias").kind == op::parameter);
}

TEST_CASE("an automatic name steps aside for one the user gave before") {
    static constexpr auto net = [](auto x) {
        return x | named("conv1"_n, conv(4_c, 1_c)) | conv(4_c, 1_c) | named("conv3"_n, conv(4_c, 1_c)) |
               conv(4_c, 1_c);
    };
    CHECK(layer_names(network<net, shape<5, 5, 1>>::view()) == list{"conv1", "conv2", "conv3", "conv4"});
}

TEST_CASE("names that only resemble automatic ones are free") {
    static constexpr auto net = [](auto x) {
        return x | conv(4_c, 1_c) | named("conv01"_n, relu) | named("conv"_n, relu) | named("conv1x"_n, relu) |
               named("conv2"_n, relu);
    };
    CHECK(layer_names(network<net, shape<5, 5, 1>>::view()) == list{"conv1", "conv01", "conv", "conv1x", "conv2"});
}

TEST_CASE("the same shared name is the same weights") {
    static constexpr auto embed = seq(conv(4_c, 3_c), relu, named("out"_n, dense(8_c)));
    static constexpr auto triplet = [](auto a, auto p, auto n) {
        constexpr auto tower = shared("tower"_n, embed);
        return outputs("a"_n = tower(a), "p"_n = tower(p), "n"_n = tower(n));
    };
    using image = shape<6, 6, 1>;
    constexpr graph_view g = network<triplet, image, image, image>::view();
    CHECK(names(g, op::input) == list{"input0", "input1", "input2"});
    CHECK(names(g, op::parameter) ==
          list{"tower.conv1.weight", "tower.conv1.bias", "tower.out.weight", "tower.out.bias"});
    CHECK(names(g, op::conv) == list{"tower.conv1", "tower.conv1:2", "tower.conv1:3"});
    CHECK(names(g, op::dense) == list{"tower.out", "tower.out:2", "tower.out:3"});
    const auto first = operands_of(g, named_node(g, "tower.conv1")),
               third = operands_of(g, named_node(g, "tower.conv1:3"));
    CHECK(first[0] == 0);
    CHECK(third[0] == 2);
    CHECK(first[1] == third[1]);
    CHECK(first[2] == third[2]);
}

TEST_CASE("sharing is by path: one name in two scopes is two sets of weights") {
    static constexpr auto net = [](auto x) {
        auto cell = shared("cell"_n, conv(1_c, 3_c, same));
        return x | named("left"_n, seq(cell, cell)) | named("right"_n, seq(cell, relu)) | cell;
    };
    constexpr graph_view g = network<net, shape<6, 6, 1>>::view();
    CHECK(layer_names(g) == list{"left.cell", "left.cell:2", "right.cell", "right.relu1", "cell"});
    CHECK(names(g, op::parameter) == list{"left.cell.weight", "left.cell.bias", "right.cell.weight", "right.cell.bias",
                                          "cell.weight", "cell.bias"});
}

TEST_CASE("shared blocks nest") {
    static constexpr auto net = [](auto x) {
        auto inner = shared("inner"_n, conv(1_c, 3_c, same));
        auto outer = shared("outer"_n, seq(inner, relu, inner));
        return x | outer | outer;
    };
    constexpr graph_view g = network<net, shape<6, 6, 1>>::view();
    CHECK(names(g, op::parameter) == list{"outer.inner.weight", "outer.inner.bias"});
    CHECK(names(g, op::conv) == list{"outer.inner", "outer.inner:2", "outer.inner:3", "outer.inner:4"});
    CHECK(names(g, op::relu) == list{"outer.relu1", "outer.relu1:2"});
}

TEST_CASE("shared given filters are one constant") {
    static constexpr auto net = [](auto x) {
        auto edge = shared("edge"_n, conv(sobel_vertical, same));
        return x | edge | edge;
    };
    constexpr graph_view g = network<net, shape<6, 6, 1>>::view();
    CHECK(names(g, op::constant) == list{"edge.weight"});
    CHECK(g.value_count == 9);
}

TEST_CASE("every layer of a network has a name of its own") {
    static constexpr auto block = shared("block"_n, seq(conv(1_c, 3_c, same), batch_norm, relu));
    static constexpr auto net = [](auto x) { return x | repeat(3_c, block) | named("tail"_n, repeat(2_c, block)); };
    constexpr graph_view g = network<net, shape<6, 6, 1>>::view();
    const auto all = layer_names(g);
    CHECK(std::set<std::string>(all.begin(), all.end()).size() == all.size());
}

}  // namespace
