// The gradient of every operator of ops.def against finite differences of its reference, in random shapes and batches;
// and the compiled gradient graph against its reference. KILN_CASES and KILN_SEED as in differential.cpp.
#include <doctest/doctest.h>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ir/builder.hpp>
#include <kiln/compiler/ir/print.hpp>
#include <kiln/compiler/ops/operator.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/compiler/passes/differentiate.hpp>
#include <kiln/tests/finite_differences.hpp>

#include "cases.hpp"
#include "compare.hpp"

namespace kiln::testing {
namespace {

struct subject {
    ir::graph forward;  // its output: the cost
    bool smooth;        // whether the cost is computed from an operator's floats
    std::vector<tensor> inputs;
    std::vector<ir::node_id> wrt;  // inputs and parameters of float32
    ir::graph backward;            // outputs: the gradients
};

/// The cost is the first output weighted at random, so that no gradient vanishes by symmetry.
ir::node_id add_cost(ir::graph& g, std::uint32_t seed) {
    ir::builder b(g, "cost");
    ir::node_id y = g.outputs[0].node;
    if (g[y].type != element::float32) y = b.cast(y, element::float32);
    return b.multiply(y, b.constant(random_tensor(b.sample(y), seed)));
}

subject make_subject(ir::graph (*make)(dice&, int), dice& d, std::uint32_t seed) {
    ir::graph g = make(d, d.one_of({1, 1, 2, 3}));
    bind_random(g, seed);
    const std::vector<tensor> inputs = random_inputs(g, seed + 1);
    const bool smooth = g[g.outputs[0].node].type == element::float32;
    const ir::node_id cost = add_cost(g, seed + 2);
    g.outputs = {{"cost", cost}};
    std::vector<ir::node_id> wrt;
    for (ir::node_id id = 0; id < g.size(); ++id)
        if ((g[id].kind == op::input || g[id].kind == op::parameter) && g[id].type == element::float32)
            wrt.push_back(id);
    auto [backward, gradients] = passes::differentiate(g, cost, wrt);
    backward.outputs.clear();
    for (std::size_t i = 0; i < gradients.size(); ++i)
        backward.outputs.push_back({"gradient" + std::to_string(i), gradients[i]});
    return {std::move(g), smooth, inputs, wrt, std::move(backward)};
}

void check_slopes(const subject& s, dice& d, const std::vector<tensor>& gradients, slope_tally& tally) {
    for (std::size_t which = 0; which < s.wrt.size(); ++which)
        for (int draws = 0; draws < 4; ++draws) {
            const auto i = static_cast<std::size_t>(d.roll(0, static_cast<int>(gradients[which].size()) - 1));
            const auto expected = slope(s.forward, s.inputs, s.wrt[which], i);
            expected ? ++tally.compared : ++tally.bent;
            if (!expected) continue;
            INFO("element ", i, " of node ", s.wrt[which]);
            CHECK(std::abs(static_cast<double>(gradients[which].values[i]) - *expected) < slope_tolerance(*expected));
        }
}

void check_compiled(const subject& s, const std::vector<tensor>& expected) {
    const compiler::model m(compiler::compile_graph(s.backward, {}));
    const std::vector<tensor> found = m(s.inputs);
    for (std::size_t i = 0; i < found.size(); ++i) {
        INFO("gradient ", i);
        REQUIRE(found[i].shape == expected[i].shape);
        CHECK(relative_difference(found[i], expected[i]) < 2e-5);
    }
}

void check_gradient(ir::graph (*make)(dice&, int), std::uint32_t seed, slope_tally& tally) {
    dice d{std::mt19937(seed)};
    const subject s = make_subject(make, d, seed);
    if (s.wrt.empty()) return;  // an operator on whole numbers
    INFO("seed ", seed, "\n", ir::print(s.forward), "gradients:\n", ir::print(s.backward));
    const std::vector<tensor> gradients = compiler::run_reference(s.backward, s.inputs);
    for (std::size_t which = 0; which < s.wrt.size(); ++which) {
        REQUIRE(gradients[which].shape == extents_of(s.forward[s.wrt[which]].shape));
        if (s.smooth) continue;
        // Whole numbers and truth values do not change smoothly with anything.
        CHECK(std::ranges::all_of(gradients[which].values, [](float v) { return v == 0; }));
        ++tally.compared;
    }
    if (s.smooth) check_slopes(s, d, gradients, tally);
    check_compiled(s, gradients);
}

/// Where an operator that makes floats of floats has no gradient, differentiation says so.
bool is_refused(op kind, ir::graph (*make)(dice&, int), std::uint32_t seed) {
    dice d{std::mt19937(seed)};
    const ir::graph g = make(d, 1);
    const bool from_floats_to_floats = std::ranges::any_of(g.nodes, [&](const ir::node& n) {
        return n.kind == kind && n.type == element::float32 && g[n.operands[0]].type == element::float32;
    });
    if (compiler::row_of(kind).gradient || !from_floats_to_floats) return false;
    const std::string why = std::string(name_of(kind)) + " has no gradient";
    CHECK_THROWS_WITH_AS(make_subject(make, d, seed), doctest::Contains(why.c_str()), error);
    return true;
}

void check_gradients(op kind, ir::graph (*make)(dice&, int)) {
    slope_tally tally;
    const int cases = setting("KILN_CASES", 6), first = setting("KILN_SEED", 3000);
    for (int i = 0; i < cases; ++i) {
        const auto seed = static_cast<std::uint32_t>(first + i);
        if (!is_refused(kind, make, seed)) check_gradient(make, seed, tally);
    }
    INFO(tally.compared, " slopes compared, ", tally.bent, " left out");
    if (compiler::row_of(kind).gradient) CHECK(tally.compared > tally.bent);
}

}  // namespace

#define KILN_OPERATOR(stem) \
    TEST_CASE("the gradient of " #stem " is the slope of its reference") { check_gradients(op::stem, random_##stem); }
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR

}  // namespace kiln::testing
