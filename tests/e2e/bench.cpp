#include <doctest/doctest.h>

#include "workplace.hpp"

using kiln::e2e::workplace;

TEST_CASE("a roofline has both roofs and a circle for every layer that multiplies") {
    const workplace here;
    here.kiln_output("bench lenet5 --threads 1 --iterations 3 --roofline net.svg");
    const std::string svg = here.read("net.svg");
    CHECK(svg.starts_with("<svg"));
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(svg.find("lenet5 on ") != svg.npos);
    CHECK(svg.find(" GB/s</text>") != svg.npos);
    CHECK(svg.find(" GFLOP/s</text>") != svg.npos);
    std::size_t circles = 0;
    for (std::size_t at = 0; (at = svg.find("<circle", at)) != svg.npos; ++at) ++circles;
    CHECK(circles == 5);  // two convolutions and three dense layers; pooling and softmax multiply nothing
    const auto refused = here.kiln("bench lenet5 --iterations 1 --roofline net.png");
    CHECK(refused.exit_code == 1);
    CHECK(refused.err.find("--roofline net.png: the picture is an SVG") != refused.err.npos);
}

TEST_CASE("a step of training is timed layer by layer") {
    const workplace here;
    const std::string out = here.kiln_output("bench " KILN_SOURCES
                                             "/examples/lenet5.cpp:lenet5_cost --train --batch 4 --threads 1 "
                                             "--iterations 3 --per-layer");
    CHECK(out.starts_with("lenet5_cost, a step of training on "));
    CHECK(out.find("\nconv1 ") != out.npos);
    CHECK(out.find("\nconv1.weight/update") != out.npos);
    const auto refused = here.kiln("bench edges --train");
    CHECK(refused.exit_code == 1);
    CHECK(refused.err.find("none of the outputs of network 'edges' is called cost") != refused.err.npos);
}
