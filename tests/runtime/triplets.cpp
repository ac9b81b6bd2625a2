// Which triplets are chosen among embeddings on a line and at random.
#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/triplets.hpp>

using namespace kiln;

namespace {

double squared(const tensor& t, std::int32_t i, std::int32_t j) {
    const auto each = static_cast<std::size_t>(t.shape[1]);
    double sum = 0;
    for (std::size_t k = 0; k < each; ++k) {
        const double d = static_cast<double>(t.values[static_cast<std::size_t>(i) * each + k]) -
                         static_cast<double>(t.values[static_cast<std::size_t>(j) * each + k]);
        sum += d * d;
    }
    return sum;
}

}  // namespace

TEST_CASE("semi-hard negatives are farther than the positive, within the margin; the hardest may be nearer") {
    //                       0     1     2     3     4
    const tensor line{{5, 1}, {0.0F, 0.4F, 0.3F, 0.5F, 2.0F}};
    const std::vector<std::int64_t> labels{7, 7, 8, 8, 8};
    const auto semi_hard = mine_triplets(line, labels, mining::semi_hard, 0.2);
    // From 0 to 1 it is 0.16: 2 (0.09) is too near, 3 (0.25) within the margin. From 1 to 0: 2 and 3 (0.01) too near,
    // 4 (2.56) too far. From 2 to 3 (0.04): 0 (0.09). From 3 to 2 (0.04): 0 (0.25) is beyond, 1 (0.01) too near.
    CHECK(semi_hard == std::vector<triplet>{{0, 1, 3}, {2, 3, 0}});
    const auto hardest = mine_triplets(line, labels, mining::hardest);
    CHECK(hardest == std::vector<triplet>{{0, 1, 2}, {1, 0, 2}, {2, 4, 1}, {3, 4, 1}, {4, 2, 1}});
}

TEST_CASE("every semi-hard triplet of random embeddings violates the margin, none is left out") {
    std::mt19937 random(3);
    tensor t{{40, 4}, {}};
    std::vector<std::int64_t> labels;
    for (int i = 0; i < 160; ++i) t.values.push_back(static_cast<float>(random() >> 8) * 0x1p-24F);
    for (int i = 0; i < 40; ++i) labels.push_back(static_cast<std::int64_t>(random() % 4));
    const double margin = 0.1;
    const auto found = mine_triplets(t, labels, mining::semi_hard, margin);
    std::size_t at = 0;
    for (std::int32_t a = 0; a < 40; ++a)
        for (std::int32_t p = 0; p < 40; ++p) {
            const auto label = [&](std::int32_t i) { return labels[static_cast<std::size_t>(i)]; };
            if (p == a || label(p) != label(a)) continue;
            double nearest = INFINITY;
            for (std::int32_t n = 0; n < 40; ++n)
                if (label(n) != label(a) && squared(t, a, n) > squared(t, a, p))
                    nearest = std::min(nearest, squared(t, a, n));
            if (!(nearest < squared(t, a, p) + margin)) continue;
            REQUIRE(at < found.size());
            CHECK(found[at].anchor == a);
            CHECK(found[at].positive == p);
            CHECK(squared(t, a, found[at].negative) == nearest);
            ++at;
        }
    CHECK(at == found.size());
    CHECK(at > 100);
}

TEST_CASE("labels and embeddings must be as many") {
    const std::vector<std::int64_t> two{1, 2};
    CHECK_THROWS_WITH_AS(mine_triplets({{3, 1}, {1, 2, 3}}, two, mining::hardest),
                         "triplets are chosen among one float32 embedding for each label, but the embeddings have "
                         "shape 3x1 and there are 2 labels",
                         error);
    CHECK(mine_triplets({{2, 1}, {1, 2}}, two, mining::hardest).empty());
}
