#include <doctest/doctest.h>

#include <cmath>
#include <kiln/compiler/train/accuracy.hpp>
#include <kiln/compiler/train/history.hpp>
#include <kiln/tests/runtime/samples.hpp>
#include <nlohmann/json.hpp>

using namespace kiln;
using namespace kiln::test;
using namespace kiln::train;

namespace {

std::string sample_history() {
    return settings_text({{"network", "net"}}) + text_of(step_line{50, 0.5, {2.0, 0.25}, 0.1}) +
           text_of(step_line{100, 1, {1.0, 0.5}, 0.1}) +
           text_of(epoch_line{1, 100, {1.5, 0.375}, std::nullopt, score{1.25, 0.4375}, 0.1, 2, 3200});
}

}  // namespace

TEST_CASE("every line is JSON of its own, numbers as they were") {
    const auto step = nlohmann::json::parse(text_of(step_line{50, 1.0 / 3, {0.1, 0.2}, 1e-3}));
    CHECK(step ==
          nlohmann::json{{"step", 50}, {"epoch", 1.0 / 3}, {"loss", 0.1}, {"accuracy", 0.2}, {"learning_rate", 1e-3}});
    const auto epoch = nlohmann::json::parse(text_of(epoch_line{2, 100, {0.5}, score{0.6}, std::nullopt, 0.1, 2, 50}));
    CHECK(epoch["train"] == nlohmann::json{{"loss", 0.5}});
    CHECK(epoch["validation"]["loss"] == 0.6);
    CHECK(!epoch.contains("test"));
    CHECK(nlohmann::json::parse(settings_text({{"a", "\xff"}})).contains("a"));  // names come from files
    CHECK(nlohmann::json::parse(text_of(step_line{1, 1, {std::nan("")}, 1}))["loss"].is_null());
}

TEST_CASE("a history becomes curves of training and test") {
    const named_history run{"net", sample_history()};
    const auto charts = curves_of({&run, 1});
    REQUIRE(charts.size() == 2);
    REQUIRE(charts[0].lines.size() == 2);
    CHECK(charts[0].lines[0].name == "train");
    REQUIRE(charts[0].lines[0].points.size() == 2);
    CHECK(charts[0].lines[0].points[0].x == 0.5);
    CHECK(charts[0].lines[0].points[0].y == 2.0);
    CHECK(charts[0].lines[1].name == "test");
    CHECK(charts[1].lines[1].points.at(0).y == 0.4375);
    CHECK(charts[0].lines[1].dashed);
}

TEST_CASE("several runs share the charts, each with a colour and its name") {
    const std::vector<named_history> runs{{"plain", sample_history()}, {"residual", sample_history()}};
    const auto charts = curves_of(runs);
    REQUIRE(charts[0].lines.size() == 4);
    CHECK(charts[0].lines[0].name == "plain, train");
    CHECK(charts[0].lines[3].name == "residual, test");
    CHECK(charts[0].lines[0].color == charts[0].lines[1].color);
    CHECK(charts[0].lines[0].color != charts[0].lines[2].color);
}

TEST_CASE("a network without classes has no accuracy to draw, and other text is refused by its line") {
    const named_history costs{"c", text_of(step_line{1, 1, {2.0}, 0.1})};
    CHECK(curves_of({&costs, 1}).size() == 1);
    const named_history broken{"b.jsonl", sample_history() + "epoch 2\n"};
    CHECK(mentions(error_text([&] { curves_of({&broken, 1}); }), {"b.jsonl", "line 5"}));
    const named_history other{"b", R"({"epoch":"x","step":1})"};
    CHECK(mentions(error_text([&] { curves_of({&other, 1}); }), {"line 1"}));
    const named_history list{"b", "[1,2]\n"};
    curves_of({&list, 1});  // JSON, but nothing of ours
}

TEST_CASE("the largest score says the class, the first of equal ones, and a single one by its sign") {
    const tensor scores{{3, 3}, {0, 2, 1, 5, 5, 0, -3, -2, -1}};
    CHECK(count_correct(scores, {{3, 1}, {1, 0, 2}}, 3) == 3);
    CHECK(count_correct(scores, {{3, 1}, {1, 1, 2}}, 3) == 2);
    CHECK(count_correct(scores, {{3, 1}, {1, 0, 2}}, 2) == 2);
    CHECK(count_correct(scores, {{3, 3}, {0, 1, 0, 1, 0, 0, 0, 1, 0}}, 3) == 2);
    CHECK(count_correct({{4, 1}, {0.5, -1, 0, 3}}, {{4, 1}, {1, 0, 1, 0}}, 4) == 2);
}
