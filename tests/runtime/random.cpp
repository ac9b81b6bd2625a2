#include <doctest/doctest.h>

#include <cstdlib>
#include <kiln/runtime/random.hpp>
#include <vector>

using namespace kiln;

TEST_CASE("SplitMix64 gives its published numbers") {
    // The first three for seed 1234567, as given with the reference implementation (Vigna, splitmix64.c).
    random_stream random(1234567);
    CHECK(random.next() == 6457827717110365317ULL);
    CHECK(random.next() == 3203168211198807973ULL);
    CHECK(random.next() == 9817491932198370423ULL);
}

TEST_CASE("numbers below a limit are all met, about as often as each other") {
    random_stream random(7);
    std::vector<int> met(7);
    for (int i = 0; i < 70'000; ++i) ++met[random.below(7)];
    for (const int count : met) CHECK(std::abs(count - 10'000) < 500);
    CHECK(random.below(1) == 0);
    for (int i = 0; i < 100; ++i) CHECK(random.below((std::uint64_t{1} << 63) + 1) <= std::uint64_t{1} << 63);
}

TEST_CASE("keys of different seeds, names and parts differ") {
    static_assert(random_key(1, "a") != random_key(2, "a"));
    static_assert(random_key(1, "a") != random_key(1, "b"));
    static_assert(part_key(1, 0) != part_key(1, 1));
    static_assert(part_key(1, 0) != part_key(2, 0));
}
