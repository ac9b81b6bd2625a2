// A network small enough to train by hand: y = tanh(x V) W + b, J = the mean over the batch of the sum of (y - t)^2. As
// a graph, and as loops in double.
#pragma once

#include <doctest/doctest.h>

#include <cmath>

#include <kiln/compiler/train/trainer.hpp>
#include <kiln/tests/graph_builder.hpp>

namespace kiln::testing {

inline constexpr int wide = 6, hidden = 5, narrow = 3, batch = 4;

inline ir::graph two_layers() {
    graph_builder b("two_layers", batch);
    const auto x = b.input(dims::of(1, wide), "x"), t = b.input(dims::of(1, narrow), "t");
    const auto v = b.parameter(dims::of(wide, hidden), role::weight, wide, "first.weight");
    const auto w = b.parameter(dims::of(hidden, narrow), role::weight, hidden, "second.weight");
    const auto bias = b.parameter(dims::of(narrow), role::bias, 1, "second.bias");
    const auto h = b.apply(op::tanh, {b.apply(op::matmul, {x, v})});
    const auto y = b.apply(op::add, {b.apply(op::matmul, {h, w}), bias});
    const auto error = b.apply(op::binary, ops::binary::attributes{binary_function::subtract}, {y, t});
    const auto cost = b.apply(op::multiply, {error, error});
    return b.finish({{"cost", cost}, {"y", y}});
}

using numbers = std::vector<double>;

/// Parameters by name, or gradients by them.
struct two_layer_values {
    numbers v, w, b;

    numbers& of(const std::string& name) { return name == "first.weight" ? v : name == "second.weight" ? w : b; }
};

inline const std::vector<std::string> two_layer_names{"first.weight", "second.weight", "second.bias"};

inline two_layer_values from_state(const tensor_map& state) {
    two_layer_values p;
    for (const std::string& name : two_layer_names) {
        const tensor& t = state.at(name);
        p.of(name).assign(t.values.begin(), t.values.end());
    }
    return p;
}

/// J at `p` and, where it is wanted, its gradient.
inline double cost_of(const two_layer_values& p, const tensor& x, const tensor& t, two_layer_values* gradient) {
    if (gradient) *gradient = {numbers(p.v.size()), numbers(p.w.size()), numbers(p.b.size())};
    double cost = 0;
    for (std::size_t n = 0; n < batch; ++n) {
        numbers h(hidden), back(hidden);
        for (std::size_t j = 0; j < hidden; ++j) {
            for (std::size_t i = 0; i < wide; ++i)
                h[j] += static_cast<double>(x.values[n * wide + i]) * p.v[i * hidden + j];
            h[j] = std::tanh(h[j]);
        }
        for (std::size_t k = 0; k < narrow; ++k) {
            double y = p.b[k];
            for (std::size_t j = 0; j < hidden; ++j) y += h[j] * p.w[j * narrow + k];
            const double error = y - static_cast<double>(t.values[n * narrow + k]), slope = 2 * error / batch;
            cost += error * error / batch;
            for (std::size_t j = 0; j < hidden; ++j) back[j] += slope * p.w[j * narrow + k];
            if (!gradient) continue;
            gradient->b[k] += slope;
            for (std::size_t j = 0; j < hidden; ++j) gradient->w[j * narrow + k] += slope * h[j];
        }
        if (!gradient) continue;
        for (std::size_t j = 0; j < hidden; ++j)
            for (std::size_t i = 0; i < wide; ++i)
                gradient->v[i * hidden + j] +=
                    back[j] * (1 - h[j] * h[j]) * static_cast<double>(x.values[n * wide + i]);
    }
    return cost;
}

/// The inputs of step `i`.
inline std::vector<tensor> two_layer_batch(int i) {
    const auto seed = static_cast<std::uint32_t>(100 + 2 * i);
    return {random_tensor(dims::of(batch, 1, wide), seed), random_tensor(dims::of(batch, 1, narrow), seed + 1)};
}

inline double largest_difference(const numbers& expected, const tensor& found) {
    REQUIRE(found.values.size() == expected.size());
    double worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
        worst = std::max(worst, std::abs(expected[i] - static_cast<double>(found.values[i])));
    return worst;
}

}  // namespace kiln::testing
