// Races on clocks that are known: who wins, who ties, who leaves early.
#include <doctest/doctest.h>

#include <random>

#include <kiln/compiler/tune/race.hpp>

namespace kiln::tune {
namespace {

/// Takes about so long, give or take a share of it, now and then much longer.
std::function<double()> about(double milliseconds, double noise, std::uint32_t seed) {
    return [=, random = std::mt19937(seed)]() mutable {
        const double share = static_cast<double>(random() >> 8) * 0x1p-24 - 0.5;
        return milliseconds * (1 + 2 * noise * share) * (random() % 20 == 0 ? 5 : 1);
    };
}

std::vector<standing> run(const std::vector<std::function<double()>>& entrants) {
    return race(entrants, {}, [] { return 0.0; });
}

}  // namespace

TEST_CASE("what is a few percent faster wins in spite of noise and outliers") {
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        const auto r = run({about(1, 0.02, seed), about(0.9, 0.02, seed + 100), about(1.1, 0.02, seed + 200)});
        CHECK(r[1].faster());
        CHECK_FALSE(r[2].faster());
        CHECK(r[1].ratio == doctest::Approx(0.9).epsilon(0.03));
    }
}

TEST_CASE("equals hardly ever win, and exact ties never do") {
    int wins = 0;
    for (std::uint32_t seed = 0; seed < 200; ++seed)
        wins += run({about(1, 0.05, seed), about(1, 0.05, seed + 1000)})[1].faster();
    CHECK(wins <= 14);  // looked at after every round, a doubt of 1 in 100 on this side counts more than once
    const auto tie = run({[] { return 1.0; }, [] { return 1.0; }});
    CHECK_FALSE(tie[1].faster());
    CHECK_FALSE(tie[1].slower());
}

TEST_CASE("a hopeless entrant runs three times, a decided race ends") {
    const auto r = run({about(1, 0, 1), [] { return 10.0; }, [] { return 0.5; }});
    CHECK(r[1].rounds == 3);
    CHECK(r[2].faster());
    CHECK(r[2].rounds == race_limits().least_rounds);
}

TEST_CASE("a race that is asked once runs all its rounds, whoever leads") {
    const std::vector<tune::standing> s =
        tune::race({[] { return 1.0; }, [] { return 0.5; }, [] { return 1.2; }},
                   {.least_rounds = 7, .most_rounds = 40, .until_decided = false}, [] { return 0.0; });
    for (std::size_t who : {1U, 2U}) CHECK(s[who].rounds == 40);
    CHECK(s[1].faster());
    CHECK(s[2].slower());
}

TEST_CASE("the interval of a median is that of the sign test") {
    // Of 7 values the extremes hold the median 98.4 times in 100; of 6 nothing is sure; of 12 the second from each end.
    std::vector<double> values{7, 1, 5, 3, 2, 6, 4};
    CHECK(standing_of(values).least == 1);
    CHECK(standing_of(values).most == 7);
    values = {1, 2, 3, 4, 5, 6};
    CHECK_FALSE(standing_of(values).most < 1e300);
    values.clear();
    for (int i = 1; i <= 12; ++i) values.push_back(i);
    CHECK(standing_of(values).least == 2);
    CHECK(standing_of(values).most == 11);
}

}  // namespace kiln::tune
