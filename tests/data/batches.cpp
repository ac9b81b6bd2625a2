#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <kiln/runtime/data/batches.hpp>
#include <kiln/runtime/data/prefetch.hpp>
#include <kiln/tests/runtime/samples.hpp>
#include <numeric>
#include <set>

using namespace kiln;
using namespace kiln::data;
using namespace kiln::test;

namespace {

/// `count` images of 2x3, image i of level i everywhere, with label i % 5.
data_set numbered(std::int64_t count) {
    data_set set{"numbered", {}, {}, {}, {}};
    set.train.count = count;
    set.train.fields = {{"images", {2, 3}}, {"labels", {}}};
    for (std::int64_t i = 0; i < count; ++i) {
        set.train.fields[0].levels.insert(set.train.fields[0].levels.end(), 6, static_cast<std::uint8_t>(i));
        set.train.fields[1].values.push_back(static_cast<float>(i % 5));
    }
    return set;
}

const std::vector<network_input> takes{{"input0", {2, 3, 1}}, {"input1", {1}}};

std::vector<std::int64_t> joined(const selections& s) {
    std::vector<std::int64_t> all = s.train.samples;
    all.insert(all.end(), s.validation.samples.begin(), s.validation.samples.end());
    all.insert(all.end(), s.test.samples.begin(), s.test.samples.end());
    std::ranges::sort(all);
    return all;
}

}  // namespace

TEST_CASE("a split holds every sample once, its sizes are the fractions, and the seed decides who goes where") {
    const data_set set = numbered(200);
    const selections s = split(set, 0.1, 0.25, 1);
    CHECK(s.train.count() == 130);
    CHECK(s.validation.count() == 20);
    CHECK(s.test.count() == 50);
    std::vector<std::int64_t> every(200);
    std::iota(every.begin(), every.end(), 0);
    CHECK(joined(s) == every);
    CHECK(split(set, 0.1, 0.25, 1).test.samples == s.test.samples);
    CHECK(split(set, 0.1, 0.25, 2).test.samples != s.test.samples);
    CHECK(split(set, 0, 0, 1).train.samples == every);
    CHECK(mentions(error_text([&] { split(set, 0.5, 0.5, 1); }), {"numbered", "none to train on"}));
}

TEST_CASE("parts of its own are never drawn from the training set") {
    data_set set = numbered(20);
    set.test = numbered(7).train;
    const selections s = split(set, 0.5, 0.5, 1);
    CHECK(s.test.from == &set.test);
    CHECK(s.test.count() == 7);
    CHECK(s.train.count() == 10);
}

TEST_CASE("shuffling is a permutation, another one for another key, and the same everywhere") {
    std::vector<std::int64_t> samples(1000);
    std::iota(samples.begin(), samples.end(), 0);
    const auto a = shuffled(samples, 1), b = shuffled(samples, 2);
    CHECK(a != b);
    CHECK(a == shuffled(samples, 1));
    CHECK(std::set(a.begin(), a.end()).size() == 1000);
    CHECK(shuffled({0, 1, 2, 3, 4, 5, 6, 7}, 1) == std::vector<std::int64_t>{4, 3, 2, 7, 5, 6, 0, 1});
}

TEST_CASE("a batch holds the selection's samples in its order, scaled, the last one filled up") {
    const data_set set = numbered(10);
    const auto intakes = intakes_for(set, takes, {});
    const selection s{&set.train, {3, 1, 4, 9, 5}};
    const batch whole = make_batch(s, 0, 3, intakes);
    CHECK(whole.real == 3);
    CHECK(whole.inputs[0].shape == std::vector<std::int64_t>{3, 2, 3, 1});
    CHECK(whole.inputs[1].values == std::vector<float>{3, 1, 4});
    CHECK(whole.inputs[0].values[0] == 3 / 255.0F);
    CHECK(whole.inputs[0].values[17] == 4 / 255.0F);
    const batch last = make_batch(s, 3, 3, intakes);
    CHECK(last.real == 2);
    CHECK(last.inputs[1].values == std::vector<float>{4, 0, 4});
    CHECK(batches_in(s, 3) == 2);
    CHECK(whole_batches_in(s, 3) == 1);
}

TEST_CASE("levels are scaled to the range and normalised by channel, numbers are not") {
    data_set set{"colours", {}, {}, {}, {}};
    set.train = {1, {{"images", {1, 2, 2}, {0, 255, 51, 102}}, {"labels", {2}, {}, {7, 8}}}};
    const std::vector<network_input> inputs{{"a", {1, 2, 2}}, {"b", {2}}};
    const auto intakes = intakes_for(set, inputs, {{-1, 1}, {0.5, 0}, {2, 4}});
    const batch b = make_batch({&set.train, {0}}, 0, 1, intakes);
    const float expected[] = {-0.75F, 0.25F, -0.55F, -0.05F};
    for (std::size_t i = 0; i < 4; ++i) CHECK(b.inputs[0].values[i] == doctest::Approx(expected[i]));
    CHECK(b.inputs[1].values == std::vector<float>{7, 8});
    const normalization n = measured(set, inputs[0]);
    CHECK(n.mean[0] == doctest::Approx(0.1));
    CHECK(n.mean[1] == doctest::Approx(0.7));
    CHECK(n.deviation[1] == doctest::Approx(0.3));
}

TEST_CASE("a class becomes a row with a one where the network takes one number for each class") {
    const data_set set = numbered(10);
    const std::vector<network_input> one_hot{{"input0", {2, 3, 1}}, {"input1", {5}}};
    const batch b = make_batch({&set.train, {7, 4}}, 0, 2, intakes_for(set, one_hot, {}));
    CHECK(b.inputs[1].values == std::vector<float>{0, 0, 1, 0, 0, 0, 0, 0, 0, 1});
}

TEST_CASE("data that does not fit the network is refused with both shapes") {
    data_set set = numbered(10);
    const auto refusal = [&](const std::vector<network_input>& inputs, const normalization& n = {}) {
        return error_text([&] { intakes_for(set, inputs, n); });
    };
    CHECK(mentions(refusal({{"input0", {32, 32, 1}}, {"input1", {1}}}),
                   {"numbered", "images are 2x3", "'input0'", "32x32x1"}));
    CHECK(mentions(refusal({{"input0", {2, 3, 1}}, {"input1", {2, 2}}}), {"labels are scalar", "2x2"}));
    CHECK(mentions(refusal({{"input0", {2, 3, 1}}}), {"2 values", "1 inputs"}));
    CHECK(mentions(refusal(takes, {{0, 1}, {1, 2}, {}}), {"--mean", "2 values", "1 channel"}));
    CHECK(mentions(refusal(takes, {{0, 1}, {}, {0}}), {"--std"}));
    set.test = numbered(3).train;
    set.test.fields[0].shape = {3, 2};
    CHECK(mentions(refusal(takes), {"test set", "3x2", "2x3"}));
}

TEST_CASE("labels out of range are named with their sample and part") {
    data_set set = numbered(10);
    expect_classes(set, 5);
    CHECK(mentions(error_text([&] { expect_classes(set, 4); }),
                   {"numbered", "label 4 of sample 4", "train", "4 classes", "0 to 3"}));
    for (const float wrong : {-1.0F, 0.5F, std::numeric_limits<float>::quiet_NaN()}) {
        set.test = numbered(3).train;
        set.test.fields[1].values[2] = wrong;
        CHECK(mentions(error_text([&] { expect_classes(set, 5); }), {"sample 2", "test"}));
    }
}

TEST_CASE("augmentations are read as they are written") {
    for (const char* text : {"", "flip", "crop=4", "flip,crop=4,shift=2"})
        CHECK(text_of(parse_augmentation(text)) == text);
    CHECK(text_of(parse_augmentation("shift=2,flip")) == "flip,shift=2");
    for (const char* wrong : {"flop", "crop", "crop=", "crop=-1", "crop=0", "shift=2x", "flip,,crop=1", "crop=9999"})
        CHECK(mentions(error_text([&] { parse_augmentation(wrong); }), {"augmentation"}));
}

TEST_CASE("every augmented image is one of those that the augmentation can make, and all of them occur") {
    const std::vector<float> image{1, 2, 3, 4, 5, 6};  // 2 rows, 3 columns
    const std::vector<std::int64_t> shape{2, 3, 1};
    const std::vector<float> black{-1};
    const auto outcomes = [&](const augmentation& a) {
        std::set<std::vector<float>> met;
        for (std::uint64_t key = 0; key < 500; ++key) {
            std::vector<float> changed = image;
            augment(changed, shape, a, black, key);
            met.insert(changed);
        }
        return met;
    };
    CHECK(outcomes({}) == std::set{image});
    CHECK(outcomes({.flip = true}) == std::set<std::vector<float>>{image, {3, 2, 1, 6, 5, 4}});
    const auto cropped = outcomes({.crop = 1});
    CHECK(cropped.size() == 9);
    CHECK(cropped.contains({-1, -1, -1, -1, 1, 2}));
    CHECK(cropped.contains({5, 6, -1, -1, -1, -1}));
    const auto shifted = outcomes({.shift = 1});
    CHECK(shifted.size() == 9);
    CHECK(shifted.contains({1, 1, 2, 1, 1, 2}));
    CHECK(shifted.contains({5, 6, 6, 5, 6, 6}));
}

TEST_CASE("a sample is augmented alike whatever is beside it") {
    data_set set = numbered(10);
    std::iota(set.train.fields[0].levels.begin(), set.train.fields[0].levels.end(), std::uint8_t{0});
    const auto intakes = intakes_for(set, takes, {});
    const augmentation a{.flip = true, .crop = 1, .shift = 1};
    const selection s{&set.train, {8, 2, 6, 4}};
    const batch all = make_batch(s, 0, 4, intakes, a, 5);
    for (std::int64_t i = 0; i < 4; ++i) {
        const batch alone = make_batch(s, i, 1, intakes, a, 5);
        CHECK(std::ranges::equal(alone.inputs[0].values,
                                 std::span(all.inputs[0].values).subspan(static_cast<std::size_t>(6 * i), 6)));
    }
    CHECK(make_batch(s, 0, 4, intakes, a, 6).inputs[0].values != all.inputs[0].values);
}

TEST_CASE("prefetched batches come in order, none is made too early, and a consumer may leave") {
    std::atomic<std::int64_t> made = 0;
    const auto make = [&](std::int64_t i) {
        ++made;
        if (i % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return batch{i, 1, {}};
    };
    {
        prefetch batches(5, 40, make, 3);
        for (std::int64_t i = 5; i < 40; ++i) CHECK(batches.next().first == i);
    }
    made = 0;
    {
        prefetch batches(0, 1'000'000, make, 3);
        CHECK(batches.next().first == 0);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        CHECK(made <= 5);
    }
    { const prefetch nobody(0, 10, make, 1); }
    { const prefetch nothing(4, 4, make); }
}

TEST_CASE("what goes wrong while a batch is made is told where it would have come") {
    prefetch batches(0, 10, [](std::int64_t i) {
        if (i == 2) throw error("sample 2 is bad");
        return batch{i, 1, {}};
    });
    CHECK(batches.next().first == 0);
    CHECK(batches.next().first == 1);
    CHECK(error_text([&] { batches.next(); }) == "sample 2 is bad");
}
