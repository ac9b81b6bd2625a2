#include <doctest/doctest.h>

#include <kiln/runtime/detection.hpp>
#include <kiln/runtime/error.hpp>
#include <limits>
#include <random>

using namespace kiln;

namespace {

/// The share of the union that is the intersection, by counting cells of a fine grid.
double counted_overlap(const box& a, const box& b) {
    const auto holds = [](const box& r, double x, double y) {
        return std::abs(x - r.x) < r.width / 2 && std::abs(y - r.y) < r.height / 2;
    };
    int both = 0, either = 0;
    for (int i = 0; i < 400; ++i)
        for (int j = 0; j < 400; ++j) {
            const double x = (i + 0.5) / 400, y = (j + 0.5) / 400;
            both += holds(a, x, y) && holds(b, x, y);
            either += holds(a, x, y) || holds(b, x, y);
        }
    return either == 0 ? 0 : static_cast<double>(both) / either;
}

}  // namespace

TEST_CASE("intersection over union") {
    CHECK(intersection_over_union({0.5F, 0.5F, 1, 1}, {0.5F, 0.5F, 1, 1}) == 1);
    CHECK(intersection_over_union({0.5F, 0.5F, 1, 1}, {1, 0.5F, 1, 1}) == doctest::Approx(1.0 / 3));
    CHECK(intersection_over_union({0, 0, 1, 1}, {1, 0, 1, 1}) == 0);  // they touch
    CHECK(intersection_over_union({0, 0, 0, 0}, {0, 0, 0, 0}) == 0);
    CHECK(intersection_over_union({0, 0, 2, 2}, {0, 0, 1, 1}) == 0.25F);

    std::mt19937 random(1);
    std::uniform_real_distribution<float> middle(0.3F, 0.7F), size(0.1F, 0.6F);
    for (int i = 0; i < 20; ++i) {
        const box a{middle(random), middle(random), size(random), size(random)};
        const box b{middle(random), middle(random), size(random), size(random)};
        CHECK(intersection_over_union(a, b) == doctest::Approx(counted_overlap(a, b)).epsilon(0.03));
        CHECK(intersection_over_union(a, b) == intersection_over_union(b, a));
    }
}

TEST_CASE("non-max suppression: the course's two cars, seen five times") {
    const box left{0.3F, 0.6F, 0.3F, 0.2F}, right{0.7F, 0.6F, 0.3F, 0.2F};
    const auto moved = [](box b, float by) {
        b.x += by;
        return b;
    };
    const std::vector<object> seen{{left, 0, 0.8F},
                                   {moved(left, 0.02F), 0, 0.7F},
                                   {right, 0, 0.9F},
                                   {moved(right, 0.03F), 0, 0.6F},
                                   {moved(right, -0.03F), 0, 0.7F},
                                   {{0.1F, 0.1F, 0.1F, 0.1F}, 0, 0.5F}};  // below the limit of 0.6
    const std::vector<object> kept = suppress(seen);
    REQUIRE(kept.size() == 2);
    CHECK(kept[0].where == right);
    CHECK(kept[1].where == left);

    SUBCASE("objects of different classes do not suppress each other") {
        CHECK(suppress({{left, 0, 0.8F}, {left, 1, 0.7F}}).size() == 2);
    }
    SUBCASE("a confidence that is no number is none") {
        CHECK(suppress({{left, 0, std::numeric_limits<float>::quiet_NaN()}}).empty());
    }
}

TEST_CASE("YOLO's grid: 3x3 cells, two anchors, three classes") {
    const yolo_grid grid{3, 3, {{0.6F, 0.2F}, {0.2F, 0.6F}}, 3};  // a tall one and a wide one
    CHECK(grid.shape() == std::vector<std::int64_t>{3, 3, 16});

    const object car{{0.5F, 0.9F, 0.2F, 0.5F}, 1}, person{{0.5F, 0.9F, 0.5F, 0.2F}, 0};
    const tensor target = grid.target(std::vector{car, person});
    // Both midpoints are in the middle of the lowest row.
    const float* cell = target.values.data() + 7 * 16;
    CHECK(cell[0] == 1);  // the tall anchor: the person
    CHECK(cell[5] == 1);
    CHECK(cell[8] == 1);  // the wide one: the car
    CHECK(cell[9] == doctest::Approx(0.5));
    CHECK(cell[10] == doctest::Approx(0.7));
    CHECK(cell[11] == doctest::Approx(0.6));
    CHECK(cell[12] == doctest::Approx(1.5));
    CHECK(cell[8 + 5 + 1] == 1);

    SUBCASE("what was written is read") {
        const std::vector<object> read = grid.objects(target.values);
        REQUIRE(read.size() == 2);
        CHECK(read[1].label == 1);
        CHECK(intersection_over_union(read[1].where, car.where) == doctest::Approx(1));
        CHECK(intersection_over_union(read[0].where, person.where) == doctest::Approx(1));
    }
    SUBCASE("a second object of one shape takes the other anchor, a third has no place") {
        const tensor full = grid.target(std::vector{car, car, car});
        CHECK(grid.objects(full.values).size() == 2);
    }
    SUBCASE("what does not fit is refused") {
        CHECK_THROWS_WITH_AS(grid.target(std::vector<object>{{{0.5F, 1, 0.1F, 0.1F}, 0}}),
                             doctest::Contains("outside the image"), error);
        CHECK_THROWS_WITH_AS(grid.target(std::vector<object>{{{0.5F, 0.5F, 0.1F, 0.1F}, 3}}),
                             doctest::Contains("there are 3 classes"), error);
        CHECK_THROWS_WITH_AS(grid.objects(std::vector<float>(5)), doctest::Contains("3x3x16 has 144 values, not 5"),
                             error);
    }
}

TEST_CASE("random scenes survive YOLO's grid where every object has a cell of its own") {
    const yolo_grid grid{4, 5, {{0.3F, 0.3F}}, 6};
    std::mt19937 random(3);
    std::uniform_real_distribution<float> inside(0.05F, 0.95F), size(0.1F, 0.5F);
    for (int scene = 0; scene < 50; ++scene) {
        std::vector<object> objects;
        for (int cell = scene % 3; cell < 20; cell += 3)
            objects.push_back({{(static_cast<float>(cell % 5) + inside(random)) / 5,
                                (static_cast<float>(cell / 5) + inside(random)) / 4, size(random), size(random)},
                               cell % 6});
        const std::vector<object> read = grid.objects(grid.target(objects).values);
        REQUIRE(read.size() == objects.size());
        for (std::size_t i = 0; i < read.size(); ++i) {
            CHECK(read[i].label == objects[i].label);
            CHECK(intersection_over_union(read[i].where, objects[i].where) > 0.999F);
        }
    }
}
