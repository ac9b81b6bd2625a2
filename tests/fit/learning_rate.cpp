#include <doctest/doctest.h>

#include <kiln/compiler/train/learning_rate.hpp>

using kiln::train::learning_rate;
using kiln::train::rate_options;
using kiln::train::rate_schedule;

TEST_CASE("a constant rate is reached in equal parts") {
    const rate_options o{.rate = 0.8, .warm_up = 0.5};
    CHECK(learning_rate(o, 0, 8, 3) == doctest::Approx(0.2));
    CHECK(learning_rate(o, 1, 8, 3) == doctest::Approx(0.4));
    CHECK(learning_rate(o, 3, 8, 3) == doctest::Approx(0.8));
    CHECK(learning_rate(o, 4, 8, 3) == 0.8);
    CHECK(learning_rate(o, 23, 8, 3) == 0.8);
    CHECK(learning_rate({.rate = 0.8}, 0, 8, 3) == 0.8);
}

TEST_CASE("steps come after whole and broken numbers of epochs, counted from the warm-up's end") {
    rate_options o{.rate = 1, .schedule = rate_schedule::step, .every = 2, .factor = 0.1};
    CHECK(learning_rate(o, 19, 10, 100) == 1);
    CHECK(learning_rate(o, 20, 10, 100) == doctest::Approx(0.1));
    CHECK(learning_rate(o, 40, 10, 100) == doctest::Approx(0.01));
    o.warm_up = 1;
    CHECK(learning_rate(o, 29, 10, 100) == 1);
    CHECK(learning_rate(o, 30, 10, 100) == doctest::Approx(0.1));
    o.every = 0.5;
    CHECK(learning_rate(o, 15, 10, 100) == doctest::Approx(0.1));
}

TEST_CASE("a cosine falls from the rate to nearly 0, through half of it in the middle") {
    rate_options o{.rate = 2, .schedule = rate_schedule::cosine};
    CHECK(learning_rate(o, 0, 10, 10) == 2);
    CHECK(learning_rate(o, 50, 10, 10) == doctest::Approx(1));
    CHECK(learning_rate(o, 99, 10, 10) == doctest::Approx(0.000493).epsilon(0.01));
    CHECK(learning_rate(o, 1000, 10, 10) == doctest::Approx(0));
    o.warm_up = 2;
    CHECK(learning_rate(o, 20, 10, 10) == 2);
    CHECK(learning_rate(o, 60, 10, 10) == doctest::Approx(1));
}
