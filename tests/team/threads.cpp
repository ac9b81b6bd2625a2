#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include <kiln/compiler/train/agreement.hpp>
#include <kiln/compiler/train/fit.hpp>
#include <kiln/compiler/train/gradient_buckets.hpp>
#include <kiln/dsl/dsl.hpp>
#include <kiln/runtime/random.hpp>

#include "thread_team.hpp"

using namespace kiln;
using namespace kiln::literals;
using namespace kiln::testing;

namespace {

constexpr int whole_batch = 12;

inline constexpr auto classifier = [](auto x, auto label) {
    auto logits = x | conv(4_c, 3_c) | relu | dropout(0.25) | dense(32_c) | relu | dense(3_c);
    return outputs("cost"_n = cross_entropy(logits, label), "logits"_n = logits);
};
inline constexpr auto normalised = [](auto x, auto label) {
    auto logits = x | conv(4_c, 3_c) | batch_norm | relu | dense(3_c);
    return outputs("cost"_n = cross_entropy(logits, label), "logits"_n = logits);
};
using image = shape<6, 6, 1>;

/// Images whose brightest third is their class, as bytes, so that they can be augmented.
data::part images(std::int64_t count, std::uint64_t key) {
    random_stream random(key);
    data::part p{count, {{"images", {6, 6, 1}}, {"labels", {}}}};
    for (std::int64_t n = 0; n < count; ++n) {
        const std::uint64_t label = random.below(3);
        for (std::uint64_t i = 0; i < 36; ++i)
            p.fields[0].levels.push_back(static_cast<std::uint8_t>(random.below(100) + (i / 12 == label ? 100 : 0)));
        p.fields[1].values.push_back(static_cast<float>(label));
    }
    return p;
}

/// One training, alone or as a member of a team.
struct outcome {
    tensor_map state;
    std::vector<train::epoch_line> epochs;
    train::position end;
};

template <const auto& Net>
outcome trained(train::team* together, std::int64_t epochs, std::int64_t stop_after = -1, int stopping_rank = 0) {
    const data::data_set set{"images", images(100, 1), {}, images(31, 2), {}};
    const std::vector<data::network_input> inputs{{"x", {6, 6, 1}}, {"label", {1}}};
    const auto intakes = data::intakes_for(set, inputs, {});
    const data::selections parts = data::split(set, 0, 0, 1);
    train::trainer_options options;
    options.batch = whole_batch / (together ? together->size() : 1);
    if (together) options.share = {together->rank(), together->size()};
    options.halves = together != nullptr;
    options.optimizer.kind = train::optimizer::momentum;
    options.optimizer.clip_norm = 0.5;  // of the whole batch's gradient, not of a share's
    // All but the leader start elsewhere.
    options.compile.weights.seed = together && !together->leads() ? 99 : 5;
    train::trainer t(network<Net, image, shape<1>>::view(), options);
    if (together) train::take_leaders_state(*together, t);
    t.set_threads(1);
    outcome result;
    std::int64_t steps = 0;
    train::fit_observer observer;
    observer.stepped = [&](const train::position&, std::int64_t) { ++steps; };
    observer.epoch_finished = [&](const train::epoch_line& line, const train::position&) {
        result.epochs.push_back(line);
    };
    observer.stop = [&] { return stop_after == steps && (!together || together->rank() == stopping_rank); };
    train::fit_options fit{.epochs = epochs, .rate = {.rate = 0.05}};
    fit.augmentation.shift = 1;
    result.end = train::fit(t, parts, {intakes, options.batch, 0}, fit, {}, observer, together);
    result.state = t.state();
    return result;
}

double largest_difference(const tensor_map& a, const tensor_map& b) {
    double most = 0;
    REQUIRE(a.size() == b.size());
    for (const auto& [name, value] : a)
        for (std::size_t i = 0; i < value.size(); ++i)
            most = std::max(most, std::abs(number_at(value, i) - number_at(b.at(name), i)));
    return most;
}

}  // namespace

TEST_CASE("a team learns what one process alone learns, with dropout, augmentation and clipping") {
    const outcome alone = trained<classifier>(nullptr, 3);
    std::vector<outcome> members(3);
    in_team(3, [&](thread_team& t) { members[static_cast<std::size_t>(t.rank())] = trained<classifier>(&t, 3); });
    for (const outcome& member : members) {
        CHECK(largest_difference(member.state, alone.state) < 2e-5);
        CHECK(largest_difference(member.state, members[0].state) == 0);
        REQUIRE(member.epochs.size() == 3);
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(member.epochs[i].step == alone.epochs[i].step);
            CHECK(member.epochs[i].train.loss == doctest::Approx(alone.epochs[i].train.loss).epsilon(1e-4));
            CHECK(member.epochs[i].test->loss == doctest::Approx(alone.epochs[i].test->loss).epsilon(1e-4));
            CHECK(member.epochs[i].test->accuracy == alone.epochs[i].test->accuracy);
        }
    }
    CHECK(largest_difference(alone.state, trained<classifier>(nullptr, 2).state) > 1e-3);
}

TEST_CASE("running statistics are the means of the processes'") {
    std::vector<outcome> members(2);
    in_team(2, [&](thread_team& t) { members[static_cast<std::size_t>(t.rank())] = trained<normalised>(&t, 2); });
    CHECK(largest_difference(members[0].state, members[1].state) == 0);
    // Of shares half as large they differ a little from those of the whole batch.
    const outcome alone = trained<normalised>(nullptr, 2);
    const double difference = largest_difference({{"m", members[0].state.at("batch_norm1.mean")}},
                                                 {{"m", alone.state.at("batch_norm1.mean")}});
    CHECK(difference < 0.05);
    CHECK(std::ranges::any_of(members[0].state.at("batch_norm1.mean").values, [](float m) { return m != 0; }));
}

TEST_CASE("all stop after the same step when one is told to") {
    std::vector<outcome> members(2);
    in_team(2, [&](thread_team& t) { members[static_cast<std::size_t>(t.rank())] = trained<classifier>(&t, 3, 3, 1); });
    for (const outcome& member : members) {
        CHECK(member.end.epoch == 0);
        CHECK(member.end.batch > 0);
        CHECK(member.end.batch == members[0].end.batch);
    }
    CHECK(largest_difference(members[0].state, members[1].state) == 0);
}

TEST_CASE("a cost that is not finite in one process ends all of them alike, with the state as it was") {
    std::atomic<int> diverged = 0;
    in_team(2, [&](thread_team& t) {
        train::trainer_options options{.batch = 2};
        options.halves = true;
        train::trainer trainer(network<normalised, image, shape<1>>::view(), options);
        const tensor_map before = trainer.state();
        std::vector<tensor> in{zeros({2, 6, 6, 1}), zeros({2, 1})};
        if (t.rank() == 1) in[0].values[3] = NAN;
        trainer.share_of_gradients(in, {[&](std::span<float> values) { t.begin_mean(values); }, {}});
        t.finish();
        try {
            trainer.update(0.1);
        } catch (const train::diverged&) {
            ++diverged;
        }
        if (largest_difference(before, trainer.state()) != 0) diverged = -10;
    });
    CHECK(diverged == 2);
}

TEST_CASE("all end when one of them has a problem, and that one says which") {
    std::vector<std::string> said(3);
    in_team(3, [&](thread_team& t) {
        std::string& mine = said[static_cast<std::size_t>(t.rank())];
        train::expect_all_well(t, nullptr);
        try {
            std::exception_ptr problem;
            try {
                train::expect_leaders_settings(t, {{"batch", "8"}, {"seed", t.rank() == 0 ? "1" : "2"}});
            } catch (...) {
                problem = std::current_exception();
            }
            train::expect_all_well(t, problem);
        } catch (const train::failed_elsewhere&) {
            mine = "elsewhere";
        } catch (const error& e) {
            mine = e.what();
        }
    });
    CHECK(said[0] == "elsewhere");
    CHECK(said[1].starts_with("rank 1 cannot train with rank 0: seed is '2', rank 0 has '1'"));
    CHECK(said[2] == "elsewhere");
}

TEST_CASE("gradients lie in buckets in the order in which they are finished, each aligned") {
    plan::plan p;
    const auto writes = [&](int output, int reads = -1) {
        plan::step s;
        s.output = {plan::space::output, output, 0};
        if (reads >= 0) s.inputs.push_back({plan::space::output, reads, 0});
        p.steps.push_back(s);
    };
    writes(0);     // the cost
    writes(3);     // gradient 2
    writes(1);     // gradient 0
    writes(2, 3);  // gradient 1, of gradient 2, which is finished with it
    const std::vector<std::size_t> sizes{20, 5, 40};
    train::gradient_buckets made(p, 1, sizes, 100);
    REQUIRE(made.buckets().size() == 2);
    CHECK(made.buckets()[0].end_step == 3);
    CHECK(made.buckets()[0].values.data() == made.gradient(0).data());
    CHECK(made.buckets()[0].values.size() == 32);
    CHECK(made.buckets()[1].end_step == 4);
    CHECK(made.buckets()[1].values.size() == 16 + 48);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(made.gradient(i).size() == sizes[i]);
        CHECK(reinterpret_cast<std::uintptr_t>(made.gradient(i).data()) % 64 == 0);
    }
}
