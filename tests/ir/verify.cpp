// The verifier takes what the builder makes and names what is wrong with each kind of broken graph.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <kiln/compiler/ir/verify.hpp>
#include <kiln/runtime/error.hpp>
#include <limits>

#include "small_network.hpp"

using namespace kiln;
using namespace kiln::testing;

namespace {

ir::node& node_named(ir::graph& g, std::string_view name) {
    for (ir::node& n : g.nodes)
        if (n.name == name) return n;
    throw std::logic_error("no such node");
}

std::string complaint(const std::function<void(ir::graph&)>& breaking) {
    ir::graph g = small_network(2);
    breaking(g);
    try {
        ir::verify(g);
        return "";
    } catch (const error& e) {
        return e.what();
    }
}

template <class Attributes, class Change>
void change(ir::node& n, Change how) {
    auto a = ir::attributes_of<Attributes>(n);
    how(a);
    n.attributes = pack(a);
}

constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();

}  // namespace

TEST_CASE("a sound graph passes, bound or not") {
    ir::graph g = small_network(2);
    CHECK_NOTHROW(ir::verify(g));
    bind_random(g, 1);
    CHECK_NOTHROW(ir::verify(g));
}

TEST_CASE("an error names the graph, the node, its operator, the rule and the shapes") {
    CHECK(complaint([](ir::graph& g) { node_named(g, "conv1.weight").shape = dims::of(3, 3, 3, 4); }) ==
          "graph 'small', node 4 'conv1' (conv): the filter's shape does not fit the input: expected {window..., input "
          "channels / groups, filters}; its operands (without the batch) are 8x8x2, 3x3x3x4");
}

TEST_CASE("each kind of broken graph is caught") {
    using breaking = std::function<void(ir::graph&)>;
    const std::pair<breaking, const char*> cases[] = {
        {[](ir::graph& g) { g.batch = 0; }, "the batch must be at least 1"},
        {[](ir::graph& g) { g.batch = 3; }, "the first extent must be the batch, 3"},
        {[](ir::graph& g) { g.outputs.clear(); }, "it has no outputs"},
        {[](ir::graph& g) { g.outputs[0].node = g.size(); }, "output 'features' is node"},
        {[](ir::graph& g) { g.outputs[0].name = "scores"; }, "two outputs have the name 'scores'"},
        {[](ir::graph& g) { g.outputs[0].name = ""; }, "an output needs a name"},
        {[](ir::graph& g) { g.outputs[0].node = 3; }, "output 'features' is a parameter"},
        {[](ir::graph& g) { g[0].kind = static_cast<op>(99); }, "(operator 99): no such operator"},
        {[](ir::graph& g) { g[0].operands = {0}; }, "have no operands"},
        {[](ir::graph& g) { g[0].shape[1] = 0; }, "extents must be at least 1"},
        {[](ir::graph& g) { g[0].shape = dims::of(2); }, "needs a batch and at least one more extent"},
        {[](ir::graph& g) { g[0].shape = dims::of(2, most, most); }, "more elements than Kiln can index"},
        {[](ir::graph& g) { g[0].shape.rank = 9; }, "rank 9"},
        {[](ir::graph& g) { g[0].value = std::make_shared<tensor>(); }, "only parameters and constants have a value"},
        {[](ir::graph& g) { node_named(g, "mix.weight").value = nullptr; }, "a constant needs a value"},
        {[](ir::graph& g) { node_named(g, "conv1.weight").value = std::make_shared<tensor>(); },
         "its value should have"},
        {[](ir::graph& g) { node_named(g, "conv1.weight").name = "dense1.weight"; }, "another parameter has this name"},
        {[](ir::graph& g) { node_named(g, "conv1.weight").name = ""; }, "a parameter needs a name"},
        {[](ir::graph& g) { node_named(g, "conv1").operands = {0}; }, "wrong number of operands"},
        {[](ir::graph& g) { node_named(g, "conv1").operands.clear(); }, "wrong number of operands"},
        {[](ir::graph& g) { node_named(g, "conv1").operands[0] = 4; }, "does not come before it"},
        {[](ir::graph& g) { node_named(g, "conv1").operands[1] = 0; }, "must be the same for every sample"},
        {[](ir::graph& g) { node_named(g, "relu1").shape[1] = 7; }, "its operands make a shape of 8x8x4"},
        {[](ir::graph& g) {
             change<ops::conv::attributes>(node_named(g, "conv1"), [](auto& a) { a.slide.extent = {20, 20, 1}; });
         },
         "larger than the padded input"},
        {[](ir::graph& g) {
             change<ops::conv::attributes>(node_named(g, "conv1"), [](auto& a) { a.slide.extent[2] = 2; });
         },
         "entries for axes the input lacks"},
        {[](ir::graph& g) {
             change<ops::conv::attributes>(node_named(g, "conv1"), [](auto& a) { a.slide.dilation[0] = most; });
         },
         "beyond 1048576"},
        {[](ir::graph& g) {
             change<ops::conv::attributes>(node_named(g, "conv1"), [](auto& a) { a.slide.pad_before[0] = -1; });
         },
         "padding must not be negative"},
        {[](ir::graph& g) { change<ops::conv::attributes>(node_named(g, "conv1"), [](auto& a) { a.groups = 3; }); },
         "divisible by groups"},
        {[](ir::graph& g) { change<ops::conv::attributes>(node_named(g, "conv1"), [](auto& a) { a.flip = 2; }); },
         "flip must be 0 or 1"},
        {[](ir::graph& g) {
             change<ops::leaky_relu::attributes>(node_named(g, "leaky_relu1"), [](auto& a) { a.slope = NAN; });
         },
         "the slope must be a finite number"},
        {[](ir::graph& g) {
             change<ops::batch_norm::attributes>(node_named(g, "batch_norm1"), [](auto& a) { a.epsilon = -1; });
         },
         "epsilon must be"},
        {[](ir::graph& g) {
             change<ops::pool_attributes>(node_named(g, "max_pool1"), [](auto& a) { a.slide.pad_before[0] = 2; });
         },
         "padding must be smaller than the window"},
        {[](ir::graph& g) {
             change<ops::upsample::attributes>(node_named(g, "upsample1"), [](auto& a) { a.factor = {2, 2, 2}; });
         },
         "a factor's entries for axes the input lacks"},
        {[](ir::graph& g) { node_named(g, "relu1").attributes[5] = 1; }, "attribute words the operator does not use"},
        {[](ir::graph& g) {
             change<parameter_attributes>(node_named(g, "conv1.weight"),
                                          [](auto& a) { a.kind = static_cast<role>(7); });
         },
         "7 is not a parameter's role"},
    };
    for (const auto& [breaks, sentence] : cases) {
        const std::string found = complaint(breaks);
        CHECK_MESSAGE(found.find(sentence) != std::string::npos, "expected '", sentence, "', found '", found, "'");
    }
}

TEST_CASE("attributes are refused for their values too") {
    graph_builder b;
    const auto x = b.input(dims::of(2, 3));
    ir::graph g = b.finish(b.apply(op::clip, ops::clip::attributes{0, 6}, {x}));
    for (const auto& [low, high] : {std::pair(1.0F, 0.0F), std::pair(NAN, 0.0F), std::pair(0.0F, NAN)}) {
        g[1].attributes = pack(ops::clip::attributes{low, high});
        CHECK_THROWS_WITH_AS(ir::verify(g), doctest::Contains("the lower bound must be a number not above"), error);
    }
    g[1].kind = op::local_response_norm;
    for (const auto& [alpha, bias] : {std::pair(-1.0F, 1.0F), std::pair(1.0F, 0.0F)}) {
        g[1].attributes = pack(ops::local_response_norm::attributes{.size = 3, .alpha = alpha, .bias = bias});
        CHECK_THROWS_WITH_AS(ir::verify(g), doctest::Contains("alpha must be at least 0 and bias above 0"), error);
    }
}

TEST_CASE("a weight may be added to or joined with an activation") {
    graph_builder b;
    const auto x = b.input(dims::of(2, 3));
    const auto offset = b.parameter(dims::of(2, 3), role::shift, 1, "offset");
    CHECK_NOTHROW(b.finish(b.concat({b.add(x, offset), offset})));
}
