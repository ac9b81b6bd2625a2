#include <doctest/doctest.h>

#include <algorithm>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/verification.hpp>
#include <random>
#include <vector>

using namespace kiln;

TEST_CASE("the area under the curve is the share of pairs of pairs in the right order") {
    std::mt19937 random(5);
    std::uniform_int_distribution<int> score(0, 20);  // with ties
    for (int trial = 0; trial < 20; ++trial) {
        std::vector<scored_pair> pairs;
        for (int i = 0; i < 60; ++i) pairs.push_back({score(random) + (i % 3 == 0 ? 4.0 : 0.0), i % 3 == 0});
        double right = 0, all = 0;  // the Mann-Whitney statistic
        for (const scored_pair& a : pairs)
            for (const scored_pair& b : pairs)
                if (a.same && !b.same) {
                    right += a.score > b.score ? 1 : a.score == b.score ? 0.5 : 0;
                    ++all;
                }
        const roc curve = roc_of(pairs);
        CHECK(curve.area == doctest::Approx(right / all));
        CHECK(curve.points.front().true_accepts == 0);
        CHECK(curve.points.back().true_accepts == 1);
        CHECK(curve.points.back().false_accepts == 1);

        const auto accuracy = [&](double threshold) {
            return static_cast<double>(std::ranges::count_if(
                       pairs, [&](const scored_pair& p) { return (p.score >= threshold) == p.same; })) /
                   static_cast<double>(pairs.size());
        };
        CHECK(accuracy(curve.best_threshold) == doctest::Approx(curve.best_accuracy));
        for (double t = -1; t < 26; t += 0.5) CHECK(accuracy(t) <= curve.best_accuracy + 1e-12);
    }
}

TEST_CASE("a perfect verifier and one that knows nothing") {
    CHECK(roc_of(std::vector<scored_pair>{{2, true}, {1, false}}).area == 1);
    CHECK(roc_of(std::vector<scored_pair>{{1, true}, {1, false}}).area == 0.5);
    CHECK_THROWS_WITH_AS(roc_of(std::vector<scored_pair>{{1, true}}), doctest::Contains("pairs that are not"), error);
    CHECK_THROWS_WITH_AS(roc_of(std::vector<scored_pair>{{std::nan(""), true}, {1, false}}),
                         doctest::Contains("not a number"), error);
}
