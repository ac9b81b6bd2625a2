#include <doctest/doctest.h>

#include <cmath>
#include <kiln/runtime/line_chart.hpp>
#include <limits>
#include <string_view>

using namespace kiln;

namespace {

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++found;
    return found;
}

}  // namespace

TEST_CASE("a chart has its titles, a line for each curve and round numbers on its axes") {
    const chart c{
        "loss", "epoch", "J", {{"train", {{0, 2.3}, {1, 0.7}, {2, 0.41}}}, {"test <a&b>", {{1, 0.8}}, 1, true}}};
    const std::string svg = svg_of(std::span(&c, 1));
    CHECK(svg.starts_with("<svg "));
    CHECK(svg.ends_with("</svg>\n"));
    for (const char* text :
         {">loss<", ">epoch<", ">J<", ">train<", ">test &lt;a&amp;b&gt;<", ">0.0<", ">2.5<", ">1.5<"})
        CHECK_MESSAGE(svg.find(text) != svg.npos, text);
    CHECK(count(svg, "class=\"line\"") == 4);  // two curves, two in the legend
    CHECK(count(svg, "stroke-dasharray") == 2);
    CHECK(count(svg, "L") == 2);
    // The curve starts at the left edge and ends at the right one.
    CHECK(svg.find("d=\"M64.0 ") != svg.npos);
    CHECK(svg.find("L444.0 ") != svg.npos);
}

TEST_CASE("numbers that are none break a line and nothing else") {
    const double nan = std::nan(""), infinite = std::numeric_limits<double>::infinity();
    const chart c{"", "", "", {{"a", {{0, 1}, {1, nan}, {2, infinite}, {3, 2}, {4, 3}}}, {"empty", {}}}};
    const std::string svg = svg_of(std::span(&c, 1));
    CHECK(svg.find("nan") == svg.npos);
    CHECK(svg.find("inf") == svg.npos);
    CHECK(count(svg, "L") == 1);
}

TEST_CASE("charts without a point, or with equal ones, or of huge or tiny numbers are drawn") {
    for (const std::vector<chart_point>& points : {std::vector<chart_point>{},
                                                   {{3, 7}},
                                                   {{3, 7}, {4, 7}},
                                                   {{0, 1e-12}, {1, 3e-12}},
                                                   {{0, -1e30}, {1e9, 1e30}}}) {
        const chart c{"", "", "", {{"a", points}}};
        const std::string svg = svg_of(std::span(&c, 1));
        CHECK(svg.size() < 20'000);
        CHECK(svg.find("nan") == svg.npos);
    }
    CHECK(count(svg_of(std::vector<chart>(3)), "<g ") == 3);
}
