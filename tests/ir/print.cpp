#include <doctest/doctest.h>

#include <algorithm>
#include <kiln/compiler/ir/print.hpp>

#include "small_network.hpp"

using namespace kiln;
using namespace kiln::testing;

TEST_CASE("a graph prints one node a line") {
    graph_builder b("net", 2);
    ops::conv::attributes a{.filters = 4, .slide = square(3, 2, 2, 1, 1), .groups = 2, .flip = 1};
    a.slide.pad_after = {2, 2, 0};
    const auto x = b.conv(b.input(dims::of(8, 8, 2)), a);
    ir::graph g = b.finish({{"out", b.leaky_relu(x, 0.25F)}});
    CHECK(ir::print(g) ==
          "graph net batch=2\n"
          "  %0 = input : 2x8x8x2  # input\n"
          "  %1 = parameter role=weight fan_in=9 : 3x3x1x4  # conv1.weight\n"
          "  %2 = parameter role=bias : 4  # conv1.bias\n"
          "  %3 = conv %0, %1, %2 filters=4 window=3x3 stride=2 pad_before=1 pad_after=2 groups=2 flip : 2x5x5x4"
          "  # conv1\n"
          "  %4 = leaky_relu %3 slope=0.25 : 2x5x5x4  # leaky_relu1\n"
          "  output \"out\" = %4\n");
}

TEST_CASE("a picture shows operators and shapes, leaves weights out and stacks what follows a layer") {
    ir::graph g = small_network(2);
    g.name = "a \"quoted\" <name>";
    const std::string dot = ir::print_dot(g);
    const auto count = [&](std::string_view part) {
        int found = 0;
        for (std::size_t at = dot.find(part); at != std::string::npos; at = dot.find(part, at + 1)) ++found;
        return found;
    };
    CHECK(dot.starts_with("digraph \"a &quot;quoted&quot; &lt;name&gt;\" {"));
    CHECK(dot.ends_with("}\n"));
    CHECK(count("<b>parameter</b>") == 0);
    CHECK(count("<b>constant</b>") == 0);
    CHECK(count("<b>conv</b>") == 3);
    CHECK(count("<b>image</b>") == 1);
    CHECK(count(">8x8x4<") == 1);  // conv, batch_norm and relu are one box
    CHECK(count("-> out0") == 1);
    CHECK(count("-> out1") == 1);
    CHECK(std::ranges::count(dot, '{') == std::ranges::count(dot, '}'));
}
