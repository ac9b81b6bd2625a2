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
