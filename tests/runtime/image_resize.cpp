#include <doctest/doctest.h>

#include <cmath>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/image.hpp>

#include "samples.hpp"

using namespace kiln;
using namespace kiln::test;

namespace {

tensor image_of(std::int64_t height, std::int64_t width, std::vector<float> values) {
    return {{height, width, 1}, std::move(values)};
}

void expect_values(const tensor& image, const std::vector<float>& expected) {
    REQUIRE(image.values.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        CHECK_MESSAGE(std::abs(image.values[i] - expected[i]) < 2e-6f, "at " << i << ": " << image.values[i]);
}

/// 5x7 values between 0 and 1 with no pattern.
tensor sample() {
    tensor image{{5, 7, 1}, {}};
    for (int y = 0; y < 5; ++y)
        for (int x = 0; x < 7; ++x)
            image.values.push_back(static_cast<float>((7 * x + 13 * y + 5 * x * y) % 17) / 16.0f);
    return image;
}

}  // namespace

TEST_CASE("doubling takes a quarter of the neighbour, halving widens the triangle over four pixels") {
    expect_values(resize(image_of(1, 2, {0, 1}), 1, 4), {0, 0.25f, 0.75f, 1});
    expect_values(resize(image_of(2, 1, {0, 1}), 4, 1), {0, 0.25f, 0.75f, 1});
    // Weights 1/8 3/8 3/8 1/8 in the middle, 3/7 3/7 1/7 at the edges.
    expect_values(resize(image_of(1, 6, {7, 0, 0, 0, 8, 0}), 1, 3), {3, 1, 24.0f / 7});
}

TEST_CASE("values are those of Pillow 9.4's BILINEAR on a float image") {
    // Image.fromarray(sample, 'F').resize((width, height), Image.BILINEAR)
    expect_values(resize(sample(), 3, 4), {0.409014f, 0.547143f, 0.530000f, 0.253827f, 0.562500f, 0.562500f, 0.562500f,
                                           0.438823f, 0.397959f, 0.577857f, 0.473571f, 0.372449f});
    expect_values(resize(sample(), 2, 2), {0.526097f, 0.449260f, 0.528145f, 0.472450f});
    tensor larger = resize(sample(), 8, 9);
    larger.values.resize(4 * 9);  // its upper half
    expect_values(larger,
                  {0.000000f, 0.291667f, 0.631944f, 0.736111f, 0.250000f, 0.590278f, 0.340278f, 0.208333f, 0.500000f,
                   0.355469f, 0.428385f, 0.513455f, 0.569010f, 0.550781f, 0.635851f, 0.388889f, 0.208333f, 0.281250f,
                   0.796875f, 0.601562f, 0.373698f, 0.367188f, 0.914062f, 0.686198f, 0.458333f, 0.230469f, 0.035156f,
                   0.640625f, 0.575521f, 0.499566f, 0.497396f, 0.679688f, 0.603733f, 0.527778f, 0.451823f, 0.386719f});
}

TEST_CASE("a flat image stays flat, and channels do not mix") {
    tensor image{{9, 11, 3}, {}};
    for (int i = 0; i < 9 * 11; ++i) image.values.insert(image.values.end(), {0.25f, 0.5f, 1.0f});
    for (const auto& [height, width] : {std::pair{3, 4}, {20, 30}, {9, 1}, {1, 11}}) {
        const tensor result = resize(image, height, width);
        CHECK(result.shape == std::vector<std::int64_t>{height, width, 3});
        for (std::size_t i = 0; i < result.values.size(); i += 3) {
            CHECK(std::abs(result.values[i] - 0.25f) < 1e-6f);
            CHECK(std::abs(result.values[i + 1] - 0.5f) < 1e-6f);
            CHECK(std::abs(result.values[i + 2] - 1.0f) < 1e-6f);
        }
    }
}

TEST_CASE("the same size is the same image") { CHECK(resize(sample(), 5, 7).values == sample().values); }

TEST_CASE("a crop is the middle, the odd row and column dropped at the end") {
    tensor image{{4, 5, 1}, {}};
    for (int i = 0; i < 20; ++i) image.values.push_back(static_cast<float>(i));
    CHECK(center_crop(image, 2, 3).values == std::vector<float>{6, 7, 8, 11, 12, 13});
    CHECK(center_crop(image, 3, 2).values == std::vector<float>{1, 2, 6, 7, 11, 12});
    CHECK(center_crop(image, 4, 5).values == image.values);
    const tensor rgb{{1, 3, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8}};
    CHECK(center_crop(rgb, 1, 1).values == std::vector<float>{3, 4, 5});
}

TEST_CASE("sizes that make no image are refused with the image's") {
    CHECK(mentions(error_text([] { center_crop(sample(), 6, 2); }), {"6x2", "5x7x1"}));
    CHECK(mentions(error_text([] { center_crop(sample(), 0, 2); }), {"0x2"}));
    CHECK(mentions(error_text([] { resize(sample(), 0, 2); }), {"resize", "0x2"}));
    CHECK(mentions(error_text([] { resize(sample(), -1, -1); }), {"resize", "-1x-1"}));
    CHECK(mentions(error_text([] { resize(sample(), std::int64_t{1} << 40, std::int64_t{1} << 40); }), {"resize"}));
    CHECK(mentions(error_text([] { resize({{2, 2}, {0, 0, 0, 0}}, 1, 1); }), {"resize", "2x2"}));
}
