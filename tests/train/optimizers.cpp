// Every optimiser, and what goes with them, against its paper's formula in double.
#include "two_layers.hpp"

using namespace kiln;
using namespace kiln::testing;

namespace {

constexpr int steps = 12;
constexpr double rate = 0.05;

/// What one parameter's element remembers.
struct memory {
    double mean = 0, squares = 0;
};

/// How far w moves with gradient g in step t, counted from 1.
double move(const train::optimizer_options& o, memory& m, double g, int t) {
    switch (o.kind) {
        case train::optimizer::sgd: return rate * g;
        case train::optimizer::momentum: m.mean = o.momentum * m.mean + g; return rate * m.mean;
        case train::optimizer::rmsprop:
            m.squares = o.decay * m.squares + (1 - o.decay) * g * g;
            return rate * g / (std::sqrt(m.squares) + o.epsilon);
        case train::optimizer::adam: {
            m.mean = o.beta1 * m.mean + (1 - o.beta1) * g;
            m.squares = o.beta2 * m.squares + (1 - o.beta2) * g * g;
            const double mean = m.mean / (1 - std::pow(o.beta1, t)), squares = m.squares / (1 - std::pow(o.beta2, t));
            return rate * mean / (std::sqrt(squares) + o.epsilon);
        }
    }
    return 0;
}

/// Trains both ways; the costs and parameters must stay together. Returns how often the gradient was clipped.
int check(const train::trainer_options& options) {
    train::trainer t(two_layers(), options);
    const train::optimizer_options& o = options.optimizer;
    two_layer_values p = from_state(t.state());
    std::map<std::string, std::vector<memory>> memories;
    int clipped = 0;
    for (int i = 1; i <= steps; ++i) {
        const std::vector<tensor> in = two_layer_batch(i);
        two_layer_values g;
        double cost = cost_of(p, in[0], in[1], &g);
        for (const std::string& name : two_layer_names) {
            if (options.l2 == 0 || name == "second.bias") continue;
            for (std::size_t e = 0; e < p.of(name).size(); ++e) {
                cost += options.l2 / 2 * p.of(name)[e] * p.of(name)[e];
                g.of(name)[e] += options.l2 * p.of(name)[e];
            }
        }
        double squares = 0;
        for (const std::string& name : two_layer_names)
            for (const double v : g.of(name)) squares += v * v;
        const bool clips = o.clip_norm > 0 && std::sqrt(squares) > o.clip_norm;
        const double factor = clips ? o.clip_norm / std::sqrt(squares) : 1;
        clipped += clips ? 1 : 0;
        for (const std::string& name : two_layer_names) {
            numbers& values = p.of(name);
            memories[name].resize(values.size());
            for (std::size_t e = 0; e < values.size(); ++e) {
                const double moved = move(o, memories[name][e], factor * g.of(name)[e], i);
                values[e] -= moved + (name == "second.bias" ? 0 : rate * o.weight_decay * values[e]);
            }
        }
        CHECK(t.step(in, rate).cost == doctest::Approx(cost).epsilon(1e-5));
        for (const std::string& name : two_layer_names)
            CHECK(largest_difference(p.of(name), t.state().at(name)) < 5e-6);
    }
    CHECK(t.steps() == steps);
    return clipped;
}

train::trainer_options with(train::optimizer kind) {
    train::trainer_options o;
    o.batch = batch;
    o.optimizer.kind = kind;
    return o;
}

}  // namespace

TEST_CASE("sgd, momentum, rmsprop and adam move parameters as their papers say") {
    for (const auto kind :
         {train::optimizer::sgd, train::optimizer::momentum, train::optimizer::rmsprop, train::optimizer::adam}) {
        CAPTURE(static_cast<int>(kind));
        train::trainer_options o = with(kind);
        // Where a square is near 0, rounding would be divided by next to nothing.
        o.optimizer.epsilon = 1e-3;
        check(o);
    }
}

TEST_CASE("weights decay apart from the gradient, biases do not") {
    train::trainer_options o = with(train::optimizer::momentum);
    o.optimizer.weight_decay = 0.3;
    check(o);
}

TEST_CASE("l2 is part of the cost") {
    train::trainer_options o = with(train::optimizer::sgd);
    o.l2 = 0.2;
    check(o);
}

TEST_CASE("gradients are clipped by the norm of all of them") {
    train::trainer_options o = with(train::optimizer::sgd);
    o.optimizer.clip_norm = 2;
    const int clipped = check(o);
    CHECK(clipped > 0);
    CHECK(clipped < steps);
}
