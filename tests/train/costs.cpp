// Gradients of whole cost graphs, one for each word, against finite differences of the cost.
#include <doctest/doctest.h>

#include <cmath>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ir/from_view.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/compiler/passes/differentiate.hpp>
#include <kiln/dsl/dsl.hpp>
#include <kiln/tests/graph_builder.hpp>

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;

namespace {

double cost_at(const ir::graph& g, const std::vector<tensor>& inputs) {
    double sum = 0;
    const tensor cost = compiler::run_reference(g, inputs).at(0);
    for (const float v : cost.values) sum += static_cast<double>(v);
    return sum / g.batch;
}

/// The compiled gradients by the first `Free` inputs beside slopes of the cost, whose values are `(low, high)`; labels
/// behind them are 0 or 1.
template <const auto& Net, int Free, class... Inputs>
void check_slopes(float low = -1, float high = 1) {
    ir::graph g = ir::from_view(network<Net, Inputs...>::view(), 3);
    std::vector<tensor> inputs;
    std::vector<ir::node_id> wrt;
    for (const ir::node_id id : g.inputs()) {
        const auto i = static_cast<std::uint32_t>(inputs.size());
        inputs.push_back(random_tensor(g[id].shape, 40 + i, low, high));
        if (static_cast<int>(i) < Free)
            wrt.push_back(id);
        else
            for (float& v : inputs.back().values) v = v > (low + high) / 2 ? 1.0F : 0.0F;
    }
    auto [backward, gradients] = passes::differentiate(g, g.outputs[0].node, wrt);
    backward.outputs.clear();
    for (std::size_t i = 0; i < wrt.size(); ++i) backward.outputs.push_back({std::to_string(i), gradients[i]});
    const std::vector<tensor> found = compiler::model(compiler::compile_graph(backward, {}))(inputs);
    const std::vector<tensor> referred = compiler::run_reference(backward, inputs);
    constexpr float step = 0x1p-8F;
    double largest = 0;
    for (std::size_t i = 0; i < wrt.size(); ++i) {
        REQUIRE(found[i].shape == inputs[i].shape);
        for (std::size_t e = 0; e < inputs[i].values.size(); ++e) {
            std::vector<tensor> moved = inputs;
            moved[i].values[e] = inputs[i].values[e] + step;
            const double above = cost_at(g, moved);
            moved[i].values[e] = inputs[i].values[e] - step;
            const double slope = (above - cost_at(g, moved)) / (2 * static_cast<double>(step));
            largest = std::max(largest, std::abs(slope));
            INFO("input ", i, ", element ", e);
            CHECK(std::abs(static_cast<double>(referred[i].values[e]) - slope) < 1e-3 * std::max(1.0, std::abs(slope)));
            CHECK(std::abs(static_cast<double>(found[i].values[e]) - slope) < 1e-3 * std::max(1.0, std::abs(slope)));
        }
    }
    CHECK(largest > 1e-2);  // something was there to be found
}

}  // namespace

TEST_CASE("slopes of classifiers' costs") {
    static constexpr auto by_number = [](auto x, auto y) { return cross_entropy(x, y); };
    check_slopes<by_number, 1, shape<5>, shape<1>>();
    static constexpr auto by_share = [](auto x, auto y) { return cross_entropy(x, y); };
    check_slopes<by_share, 2, shape<2, 4>, shape<2, 4>>();
    static constexpr auto binary = [](auto x, auto y) { return binary_cross_entropy(x, y); };
    check_slopes<binary, 1, shape<6>, shape<6>>(-3, 3);
}

TEST_CASE("slopes of squared errors") {
    static constexpr auto net = [](auto x, auto y) { return squared_error(x, y) + 0.3 * l2(x); };
    check_slopes<net, 2, shape<3, 2>, shape<3, 2>>();
}

TEST_CASE("slopes of detection costs, with and without objects") {
    static constexpr auto localization = [](auto x, auto y) { return localization_loss(x, y); };
    check_slopes<localization, 1, shape<2, 8>, shape<2, 8>>();
    static constexpr auto landmarks = [](auto x, auto y) { return landmark_loss(x, y); };
    check_slopes<landmarks, 1, shape<9>, shape<9>>();
    static constexpr auto yolo = [](auto x, auto y) { return yolo_loss(x, y, 2_c); };
    check_slopes<yolo, 1, shape<3, 3, 16>, shape<3, 3, 16>>();
}

TEST_CASE("slopes of similarity costs") {
    static constexpr auto triplet = [](auto a, auto p, auto n) { return triplet_loss(a, p, n, 2); };
    check_slopes<triplet, 3, shape<4>, shape<4>, shape<4>>();
    static constexpr auto absolute = [](auto x, auto y) { return l2(absolute_difference(x, y) + 0.5); };
    check_slopes<absolute, 2, shape<4>, shape<4>>();
    static constexpr auto chi = [](auto x, auto y) { return l2(chi_square(x, y) + 0.5); };
    check_slopes<chi, 2, shape<4>, shape<4>>(0.5F, 2);
}

TEST_CASE("slopes of pictures' costs") {
    static constexpr auto content = [](auto x, auto y) { return content_cost(x, y); };
    check_slopes<content, 2, shape<3, 2, 2>, shape<3, 2, 2>>();
    static constexpr auto style = [](auto x, auto y) { return 50 * style_cost(x, y); };
    check_slopes<style, 2, shape<3, 2, 2>, shape<3, 2, 2>>();
    static constexpr auto variation = [](auto x) { return x | total_variation; };
    check_slopes<variation, 1, shape<4, 3, 2>>();
}
