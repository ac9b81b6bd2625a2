// The plug-in boundary: views come back as the graphs they describe, and damaged ones are refused with a sentence.
#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <kiln/compiler/ir/cost_table.hpp>
#include <kiln/compiler/ir/from_view.hpp>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/runtime/error.hpp>
#include <limits>
#include <random>

#include "flat_view.hpp"
#include "small_network.hpp"

using namespace kiln;
using namespace kiln::testing;

namespace {

/// What from_view says to the small network's view after `damage`; empty when it takes it.
std::string refusal(const std::function<void(flat_view&)>& damage) {
    flat_view flat = flatten(small_network());
    damage(flat);
    try {
        ir::from_view(flat.view());
        return "";
    } catch (const error& e) {
        return e.what();
    }
}

std::string refusal_of_view(const std::function<void(graph_view&)>& damage) {
    const flat_view flat = flatten(small_network());
    graph_view view = flat.view();
    damage(view);
    try {
        ir::from_view(view);
        return "";
    } catch (const error& e) {
        return e.what();
    }
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max(),
                       least = std::numeric_limits<std::int32_t>::min();

}  // namespace

TEST_CASE("a view comes back as the graph it was made of") {
    for (const int batch : {1, 4}) {
        const ir::graph expected = small_network(batch);
        const flat_view flat = flatten(expected);
        const ir::graph g = ir::from_view(flat.view(), batch);
        CHECK(ir::print(g) == ir::print(expected));
        CHECK(g[1].value->values == expected[1].value->values);
    }
}

TEST_CASE("views of other headers are refused before anything else is read") {
    CHECK(contains(refusal_of_view([](graph_view& v) { v = {.version = 77}; }), "graph version 77"));
    CHECK(contains(refusal_of_view([](graph_view& v) { v.node_bytes = 8, v.nodes = nullptr; }), "rebuild it"));
}

TEST_CASE("null pointers and impossible counts are refused") {
    using damage = std::function<void(graph_view&)>;
    const std::pair<damage, const char*> cases[] = {
        {[](graph_view& v) { v.name = nullptr; }, "it has no name"},
        {[](graph_view& v) { v.name = ""; }, "its name is empty"},
        {[](graph_view& v) { v.name = "bell\a"; }, "'bell\\x07'"},
        {[](graph_view& v) { v.nodes = nullptr; }, "a null pointer"},
        {[](graph_view& v) { v.edges = nullptr; }, "a null pointer"},
        {[](graph_view& v) { v.text = nullptr; }, "a null pointer"},
        {[](graph_view& v) { v.values = nullptr; }, "a null pointer"},
        {[](graph_view& v) { v.outputs = nullptr; }, "a null pointer"},
        {[](graph_view& v) { v.node_count = -1; }, "-1 nodes"},
        {[](graph_view& v) { v.node_count = 0; }, "it has no nodes"},
        {[](graph_view& v) { v.node_count = most; }, "2147483647 nodes"},
        {[](graph_view& v) { v.edge_count = least; }, "-2147483648 edges"},
        {[](graph_view& v) { v.edge_count = most; }, "2147483647 edges"},
        {[](graph_view& v) { v.edge_count = 3; }, "outside its edges"},
        {[](graph_view& v) { v.text_size = 2; }, "outside its text"},
        {[](graph_view& v) { v.text_size = most; }, "2147483647 text"},
        {[](graph_view& v) { v.value_count = 5; }, "outside the graph's values"},
        {[](graph_view& v) { v.value_count = -5; }, "-5 values"},
        {[](graph_view& v) { v.value_count = std::numeric_limits<std::int64_t>::max(); }, "9223372036854775807 values"},
        {[](graph_view& v) { v.output_count = 0; }, "it has no outputs"},
        {[](graph_view& v) { v.output_count = -1; }, "-1 outputs"},
    };
    for (const auto& [damaged, sentence] : cases) {
        const std::string found = refusal_of_view(damaged);
        CHECK_MESSAGE(contains(found, sentence), "expected '", sentence, "', found '", found, "'");
    }
}

TEST_CASE("damaged arrays are refused, each with its sentence") {
    using damage = std::function<void(flat_view&)>;
    const std::pair<damage, const char*> cases[] = {
        {[](flat_view& f) { f.nodes[2].kind = static_cast<op>(1000); }, "no such operator: 1000"},
        {[](flat_view& f) { f.nodes[2].kind = static_cast<op>(-1); }, "no such operator: -1"},
        {[](flat_view& f) { f.nodes[2].first_operand = -1; }, "outside its edges"},
        {[](flat_view& f) { f.nodes[2].operands = most; }, "outside its edges"},
        {[](flat_view& f) { f.nodes[2].first_operand = most, f.nodes[2].operands = most; }, "outside its edges"},
        {[](flat_view& f) { f.nodes.back().first_operand = 0, f.nodes.back().operands = 20; }, "the same edges"},
        {[](flat_view& f) { f.edges[0] = 2; }, "does not come before it"},
        {[](flat_view& f) { f.edges[0] = -7; }, "does not come before it"},
        {[](flat_view& f) {
             f.nodes[0].name = {-1, 2};
         },
         "outside its text"},
        {[](flat_view& f) {
             f.nodes[0].name = {most, most};
         },
         "outside its text"},
        {[](flat_view& f) { f.text[0] = '\n'; }, "printable UTF-8"},
        {[](flat_view& f) { f.text[0] = '\xff'; }, "printable UTF-8"},
        {[](flat_view& f) { f.text[0] = '\xc2', f.text[1] = '\x9b'; }, "printable UTF-8"},
        {[](flat_view& f) { f.nodes[0].shape.rank = 9; }, "rank 9"},
        {[](flat_view& f) { f.nodes[0].shape.rank = 8; }, "rank 8"},
        {[](flat_view& f) { f.nodes[0].shape.rank = -1; }, "rank -1"},
        {[](flat_view& f) { f.nodes[0].shape.rank = 0; }, "at least one more extent"},
        {[](flat_view& f) { f.nodes[0].shape[0] = 0; }, "an extent of 0"},
        {[](flat_view& f) { f.nodes[0].shape[0] = least; }, "an extent of -2147483648"},
        {[](flat_view& f) { f.nodes[0].shape = dims::of(most, most, most); }, "more elements than Kiln can index"},
        {[](flat_view& f) { f.nodes[1].first_value = 1; }, "outside the graph's values"},
        {[](flat_view& f) { f.nodes[1].first_value = std::numeric_limits<std::int64_t>::max(); },
         "outside the graph's"},
        {[](flat_view& f) { f.nodes[1].shape = dims::of(most, most, most, most, most); }, "outside the graph's values"},
        {[](flat_view& f) { f.nodes[2].shape[0] = 7; }, "its operands make a shape of 8x8x2"},
        {[](flat_view& f) { f.nodes[3].attributes[0] = 17; }, "not a parameter's role"},
        {[](flat_view& f) { f.nodes[3].attributes[1] = 0; }, "fan_in must be at least 1"},
        {[](flat_view& f) { f.nodes[4].attributes[23] = 1; }, "must be 0"},
        {[](flat_view& f) { f.outputs[0].node = -1; }, "output 'features' is node -1"},
        {[](flat_view& f) { f.outputs[0].node = most; }, "output 'features' is node 2147483647"},
        {[](flat_view& f) { f.outputs[0].node = 3; }, "output 'features' is a parameter"},
        {[](flat_view& f) { f.outputs[0].name = f.outputs[1].name; }, "two outputs have the name 'scores'"},
        {[](flat_view& f) { f.outputs[0].name.size = 0; }, "an output needs a name"},
        {[](flat_view& f) { f.outputs[0].name.begin = least; }, "outside its text"},
    };
    for (const auto& [damaged, sentence] : cases) {
        const std::string found = refusal(damaged);
        CHECK_MESSAGE(contains(found, sentence), "expected '", sentence, "', found '", found, "'");
    }
}

TEST_CASE("the batch is checked") {
    const flat_view flat = flatten(small_network());
    for (const int batch : {0, -1, 1 << 20, most}) CHECK_THROWS_AS(ir::from_view(flat.view(), batch), error);
    const ir::graph g = ir::from_view(flat.view(), 3);
    CHECK(g[0].shape == dims::of(3, 8, 8, 3));
}

TEST_CASE("no mutation of a view crashes: it is refused or makes a graph that verifies") {
    const flat_view whole = flatten(small_network());
    std::mt19937 random(20);
    const auto pick = [&](std::size_t count) { return static_cast<std::size_t>(random() % count); };
    const auto strange = [&]() -> std::int32_t {
        constexpr std::int32_t edge[] = {0, 1, -1, 2, 3, 7, 255, 1 << 15, 1 << 20, 1 << 30, most, least, least + 1};
        return pick(3) == 0 ? static_cast<std::int32_t>(random()) : edge[pick(std::size(edge))];
    };
    // A node is 32-bit words through and through, first_value included.
    const auto damage_words = [&](void* items, std::size_t bytes) {
        const std::int32_t value = strange();
        std::memcpy(static_cast<char*>(items) + 4 * pick(bytes / 4), &value, 4);
    };
    int accepted = 0, refused = 0;
    for (int round = 0; round < 40'000; ++round) {
        flat_view flat = whole;
        for (std::size_t times = 1 + pick(3); times > 0; --times) switch (pick(8)) {
                case 0: damage_words(flat.edges.data(), flat.edges.size() * 4); break;
                case 1: damage_words(flat.outputs.data(), flat.outputs.size() * sizeof(named_output)); break;
                case 2: flat.text[pick(flat.text.size())] = static_cast<char>(random()); break;
                case 3: std::swap(flat.nodes[pick(flat.nodes.size())], flat.nodes[pick(flat.nodes.size())]); break;
                case 4: flat.nodes.resize(1 + pick(flat.nodes.size())), flat.nodes.shrink_to_fit(); break;
                default: break;
            }
        damage_words(&flat.nodes[pick(flat.nodes.size())], sizeof(node));
        try {
            const ir::graph g = ir::from_view(flat.view(), 1 + static_cast<int>(pick(3)));
            CHECK(!ir::print(g).empty());
            CHECK(!ir::print_dot(g).empty());
            CHECK(!ir::cost_table_of(g).rows.empty());
            ++accepted;
        } catch (const error& e) {
            REQUIRE(std::string_view(e.what()).size() > 20);
            ++refused;
        }
    }
    CHECK(refused > 10'000);
    CHECK(accepted > 100);
}
