// What a trainer promises of its state.
#include <cstring>
#include <limits>

#include <kiln/dsl/dsl.hpp>

#include "two_layers.hpp"

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;

namespace {

train::trainer_options adam() {
    train::trainer_options o;
    o.batch = batch;
    return o;
}

/// Bit for bit, so that a zero's sign counts and a NaN equals itself.
bool same_bits(const tensor_map& a, const tensor_map& b) {
    if (a.size() != b.size()) return false;
    for (const auto& [name, t] : a) {
        const auto other = b.find(name);
        if (other == b.end() || t.shape != other->second.shape || t.integers != other->second.integers) return false;
        if (std::memcmp(t.values.data(), other->second.values.data(), t.values.size() * sizeof(float)) != 0)
            return false;
    }
    return true;
}

void run(train::trainer& t, int from, int to) {
    for (int i = from; i < to; ++i) t.step(two_layer_batch(i), 0.01);
}

template <class F>
std::string message_of(F f) {
    try {
        f();
    } catch (const error& e) {
        return e.what();
    }
    return "nothing was thrown";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

inline constexpr auto noisy = [](auto x) {
    return squared_error(x | learned_scale | dropout(0.25) | learned_shift, x);
};
inline constexpr auto normalised = [](auto x, auto y) { return squared_error(x | batch_norm, y); };
inline constexpr auto classifier = [](auto x, auto label) {
    auto logits = x | learned_scale;
    return outputs("logits"_n = logits, "cost"_n = cross_entropy(logits, label));
};

}  // namespace

TEST_CASE("a run that is split and restored is the whole run, bit for bit") {
    train::trainer whole(two_layers(), adam());
    run(whole, 0, 9);
    train::trainer first(two_layers(), adam());
    run(first, 0, 4);
    train::trainer_options other = adam();
    other.compile.weights.seed = 77;  // restored over
    train::trainer second(two_layers(), other);
    CHECK(!same_bits(second.state(), first.state()));
    second.restore(first.state());
    CHECK(second.steps() == 4);
    run(second, 4, 9);
    CHECK(same_bits(second.state(), whole.state()));
}

TEST_CASE("threads do not change what is learned, nor do halves") {
    train::trainer one(two_layers(), adam()), two(two_layers(), adam());
    train::trainer_options apart = adam();
    apart.halves = true;
    train::trainer halves(two_layers(), apart);
    one.set_threads(1);
    two.set_threads(2);
    run(one, 0, 5);
    run(two, 0, 5);
    run(halves, 0, 5);
    CHECK(same_bits(one.state(), two.state()));
    for (const std::string& name : two_layer_names)
        CHECK(largest_difference(from_state(one.state()).of(name), halves.state().at(name)) < 1e-6);
    CHECK(halves.steps() == 5);
}

TEST_CASE("gradients can be changed before they are used") {
    train::trainer_options o = adam();
    o.halves = true;
    o.optimizer.kind = train::optimizer::sgd;
    train::trainer t(two_layers(), o);
    const two_layer_values before = from_state(t.state());
    std::vector<train::named_values> gradients;
    const auto in = two_layer_batch(0);
    const double cost = t.gradients(in, gradients).cost;
    two_layer_values expected;
    CHECK(cost == doctest::Approx(cost_of(before, in[0], in[1], &expected)));
    REQUIRE(gradients.size() == 3);
    for (const train::named_values& g : gradients)
        for (std::size_t i = 0; i < g.values.size(); ++i) {
            CHECK(static_cast<double>(g.values[i]) == doctest::Approx(expected.of(g.name)[i]).epsilon(1e-4));
            g.values[i] = 1;
        }
    t.update(0.5);
    two_layer_values after = from_state(t.state());
    CHECK(after.b[0] == doctest::Approx(before.b[0] - 0.5));
    CHECK(contains(message_of([&] { t.update(0.5); }), "once after each call of gradients"));
}

TEST_CASE("a step that diverges is an error and leaves everything as it was") {
    for (const bool halves : {false, true}) {
        train::trainer_options o = adam();
        o.halves = halves;
        train::trainer t(two_layers(), o);
        run(t, 0, 2);
        const tensor_map before = t.state();
        auto in = two_layer_batch(3);
        in[1].values[2] = std::numeric_limits<float>::quiet_NaN();
        CHECK_THROWS_AS(t.step(in, 0.01), train::diverged);
        CHECK(contains(message_of([&] { t.step(in, 0.01); }), "the cost is nan in step 3"));
        CHECK(same_bits(before, t.state()));
        // a rate that no parameter survives, with a cost that is fine
        CHECK(contains(message_of([&] { t.step(two_layer_batch(3), INFINITY); }), "would no longer be finite"));
        CHECK(same_bits(before, t.state()));
        run(t, 2, 4);
        CHECK(t.steps() == 4);
    }
}

TEST_CASE("frozen layers stay, and a name that is no layer's is refused") {
    train::trainer_options o = adam();
    o.frozen = {"second"};
    train::trainer t(two_layers(), o);
    const two_layer_values before = from_state(t.state());
    run(t, 0, 3);
    const two_layer_values after = from_state(t.state());
    CHECK(before.w == after.w);
    CHECK(before.b == after.b);
    CHECK(before.v != after.v);
    o.frozen = {"third"};
    CHECK(contains(message_of([&] { train::trainer(two_layers(), o); }), "no layer called 'third' can be frozen"));
    o.frozen = {"first", "second"};
    CHECK(contains(message_of([&] { train::trainer(two_layers(), o); }), "no parameter to train"));
}

TEST_CASE("what does not fit is refused with its name, and nothing changes") {
    train::trainer t(two_layers(), adam());
    auto in = two_layer_batch(0);
    CHECK(contains(message_of([&] { t.step({in.data(), 1}, 0.1); }), "is trained with 2 inputs, not 1"));
    in[0].shape = {batch, wide, 1};
    CHECK(contains(message_of([&] { t.step(in, 0.1); }), "x must have shape 4x1x6 (batch first), not 4x6x1"));
    tensor_map state = t.state();
    state.erase("adam/mean/first.weight");
    CHECK(contains(message_of([&] { t.restore(state); }), "lacks adam/mean/first.weight"));
    state = t.state();
    state.at("second.bias") = zeros({narrow, 1});
    CHECK(contains(message_of([&] { t.restore(state); }), "second.bias as 3x1"));
    CHECK(t.steps() == 0);
}

TEST_CASE("labels that are no class are refused with their sample") {
    train::trainer t(network<classifier, shape<5>, shape<1>>::view(), {.batch = 3});
    REQUIRE(t.outputs().size() == 1);
    CHECK(t.outputs()[0].name == "logits");
    std::vector<tensor> in{random_tensor(dims::of(3, 5), 1), {{3, 1}, {0, 4, 2}}};
    const train::step_result made = t.step(in, 0.01);
    CHECK(made.outputs[0].shape == std::vector<std::int64_t>{3, 5});
    in[1].values = {0, 5, 2};
    CHECK(contains(message_of([&] { t.step(in, 0.01); }), "holds label 5 (sample 1 of the batch)"));
    in[1].values = {0, 4, 1.5F};
    CHECK(contains(message_of([&] { t.evaluate(in); }), "holds label 1.5 (sample 2 of the batch)"));
}

TEST_CASE("evaluation computes what inference does, with the weights as they are") {
    train::trainer t(two_layers(), adam());
    run(t, 0, 3);
    const auto in = two_layer_batch(9);
    const two_layer_values p = from_state(t.state());
    const tensor_map before = t.state();
    CHECK(t.evaluate(in).cost == doctest::Approx(cost_of(p, in[0], in[1], nullptr)));
    CHECK(same_bits(before, t.state()));
    CHECK(t.weights().size() == 3);
}

TEST_CASE("batch normalisation learns by the batch and infers by what it saw") {
    using row = shape<2, 3>;
    train::trainer_options o{.batch = 5};
    o.running_momentum = 0.8;
    train::trainer t(network<normalised, row, row>::view(), o);
    const tensor x = random_tensor(dims::of(5, 2, 3), 3, -2, 4), y = random_tensor(dims::of(5, 2, 3), 4);
    const std::vector<tensor> in{x, y};
    numbers mean(3), variance(3);
    for (std::size_t i = 0; i < x.values.size(); ++i) mean[i % 3] += static_cast<double>(x.values[i]) / 10;
    for (std::size_t i = 0; i < x.values.size(); ++i)
        variance[i % 3] += std::pow(static_cast<double>(x.values[i]) - mean[i % 3], 2) / 10;
    const auto cost_with = [&](const numbers& m, const numbers& v) {
        double cost = 0;
        for (std::size_t i = 0; i < x.values.size(); ++i)
            cost += std::pow((static_cast<double>(x.values[i]) - m[i % 3]) / std::sqrt(v[i % 3] + 1e-5) -
                                 static_cast<double>(y.values[i]),
                             2) /
                    5;
        return cost;
    };
    CHECK(t.evaluate(in).cost == doctest::Approx(cost_with(numbers(3, 0), numbers(3, 1))));
    CHECK(t.step(in, 0).cost == doctest::Approx(cost_with(mean, variance)));
    numbers kept_mean(3), kept_variance(3);
    for (std::size_t c = 0; c < 3; ++c) {
        kept_mean[c] = 0.2 * mean[c];
        kept_variance[c] = 0.8 + 0.2 * variance[c] * 10 / 9;
    }
    CHECK(largest_difference(kept_mean, t.weights().at("batch_norm1.mean")) < 1e-6);
    CHECK(largest_difference(kept_variance, t.weights().at("batch_norm1.variance")) < 1e-6);
    CHECK(t.evaluate(in).cost == doctest::Approx(cost_with(kept_mean, kept_variance)));
    o.frozen = {"batch_norm1"};
    CHECK(contains(message_of([&] { train::trainer(network<normalised, row, row>::view(), o); }),
                   "no parameter to train"));
}

TEST_CASE("batch normalisation of single values is refused") {
    CHECK(contains(message_of([] { train::trainer(network<normalised, shape<3>, shape<3>>::view(), {.batch = 1}); }),
                   "batch_norm1: with a batch of 1"));
}

TEST_CASE("dropout drops anew in each step, as often as it says, the same for the same seed, and never in evaluation") {
    using wide_row = shape<40, 50, 3>;
    train::trainer_options o{.batch = 2};
    o.seed = 5;
    const auto ones = [] {
        tensor t = zeros({2, 40, 50, 3});
        std::ranges::fill(t.values, 1.0F);
        return std::vector<tensor>{t};
    }();
    // With scale 1 and shift 0 a kept element is 4/3, a dropped one 0: the cost is (1 + 8 dropped) / 9 an element.
    const auto dropped = [](double cost) { return (cost / 6000 * 9 - 1) / 8; };
    std::vector<double> costs;
    for (int again = 0; again < 2; ++again) {
        train::trainer t(network<noisy, wide_row>::view(), o);
        CHECK(t.evaluate(ones).cost == 0);
        for (int i = 0; i < 4; ++i) costs.push_back(t.step(ones, 0).cost);
    }
    for (const double cost : costs) CHECK(dropped(cost) == doctest::Approx(0.25).epsilon(0.05));
    CHECK(costs[0] != costs[1]);
    CHECK(costs[1] != costs[2]);
    for (std::size_t i = 0; i < 4; ++i) CHECK(costs[i] == costs[i + 4]);
    o.seed = 6;
    CHECK(train::trainer(network<noisy, wide_row>::view(), o).step(ones, 0).cost != costs[0]);
}
