// KILN_EXPORT in an ordinary program: the networks join the program's own list.
#include <doctest/doctest.h>

#include <kiln/tests/dsl/looking.hpp>

namespace nets {

using namespace kiln::literals;

inline constexpr auto tiny = [](auto x) { return x | kiln::conv(1_c, 3_c) | kiln::relu; };

}  // namespace nets

KILN_EXPORT(nets::tiny, kiln::shape<5, 5, 1>);
KILN_EXPORT(nets::tiny, kiln::shape<9, 9, 1>);
KILN_EXPORT_AS("other", nets::tiny, kiln::shape<7, 7, 1>);

TEST_CASE("exported graphs are listed in order, under the name without its namespace") {
    int count = 0;
    const kiln::graph_view* const* graphs = kiln_plugin_graphs(&count);
    REQUIRE(count == 3);
    CHECK(std::string(graphs[0]->name) == "tiny");
    CHECK(std::string(graphs[1]->name) == "tiny");
    CHECK(std::string(graphs[2]->name) == "other");
    CHECK(graphs[0]->nodes[0].shape == kiln::dims::of(5, 5, 1));
    CHECK(graphs[1]->nodes[0].shape == kiln::dims::of(9, 9, 1));
    CHECK(graphs[2]->nodes[0].shape == kiln::dims::of(7, 7, 1));
}
