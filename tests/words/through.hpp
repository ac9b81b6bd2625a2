// Networks of one word, compiled and run: their outputs beside what plain loops say.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/ir/from_view.hpp>
#include <kiln/compiler/ops/reference.hpp>
#include <kiln/dsl/dsl.hpp>
#include <kiln/tests/graph_builder.hpp>

namespace kiln::testing {

struct outcome {
    std::vector<tensor> inputs;
    tensor output;
    ir::graph graph;

    /// The values of parameter `name`.
    const tensor& weight(const std::string& name) const {
        for (const ir::node& n : graph.nodes)
            if (n.name == name) return *n.value;
        throw std::runtime_error("no parameter is called " + name);
    }
};

/// The largest difference relative to the largest value, at least 1. The same shape is required.
inline double difference(const tensor& found, const tensor& expected) {
    REQUIRE(found.shape == expected.shape);
    double largest = 1, worst = 0;
    for (const float v : expected.values) largest = std::max(largest, std::abs(static_cast<double>(v)));
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        const double d = std::abs(static_cast<double>(found.values[i]) - expected.values[i]);
        worst = std::isnan(d) ? INFINITY : std::max(worst, d);
    }
    return worst / largest;
}

/// `Net` on a batch of random values in [low, high), by two threads; the references must agree.
template <const auto& Net, class... Inputs>
outcome through(int batch = 2, float low = -1, float high = 1) {
    outcome o;
    o.graph = ir::from_view(network<Net, Inputs...>::view(), batch);
    bind_random(o.graph, 5);
    std::uint32_t seed = 11;
    for (const ir::node_id id : o.graph.inputs())
        o.inputs.push_back(random_tensor(o.graph[id].shape, ++seed, low, high));
    const compiler::model m(compiler::compile_graph(o.graph, {}));
    m.set_threads(2);
    o.output = m(o.inputs).at(0);
    CHECK(difference(o.output, compiler::run_reference(o.graph, o.inputs).at(0)) < 2e-5);
    return o;
}

/// The same on given values, for one sample.
template <const auto& Net, class... Inputs>
std::vector<float> given_to(const std::vector<std::vector<float>>& values) {
    ir::graph g = ir::from_view(network<Net, Inputs...>::view(), 1);
    std::vector<tensor> inputs;
    for (std::size_t i = 0; i < values.size(); ++i) inputs.push_back({extents_of(g[g.inputs()[i]].shape), values[i]});
    return compiler::model(compiler::compile_graph(std::move(g), {}))(inputs).at(0).values;
}

using place = std::vector<std::int64_t>;

/// Element at `at`, batch first; 0 outside.
inline double element_at(const tensor& t, const place& at) {
    std::int64_t index = 0;
    for (std::size_t axis = 0; axis < at.size(); ++axis) {
        if (at[axis] < 0 || at[axis] >= t.shape[axis]) return 0;
        index = index * t.shape[axis] + at[axis];
    }
    return static_cast<double>(t.values[static_cast<std::size_t>(index)]);
}

/// A tensor of `shape` whose element at every place is what `value` says.
inline tensor filled(const std::vector<std::int64_t>& shape, const std::function<double(const place&)>& value) {
    tensor t = zeros(shape, element::float32);
    place at(shape.size(), 0);
    for (float& v : t.values) {
        v = static_cast<float>(value(at));
        for (std::size_t axis = at.size(); axis-- > 0;) {
            if (++at[axis] < shape[axis]) break;
            at[axis] = 0;
        }
    }
    return t;
}

}  // namespace kiln::testing
