#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/image.hpp>
#include <limits>

#include "image_samples.hpp"
#include "temporary_folder.hpp"

using namespace kiln;
using namespace kiln::test;

namespace {

/// Whether the image has the shape and, in units of 1/255, the values.
bool shows(const tensor& image, const std::vector<std::int64_t>& shape, const std::vector<float>& levels,
           float tolerance = 1e-3f) {
    if (image.shape != shape || image.values.size() != levels.size()) return false;
    for (std::size_t i = 0; i < levels.size(); ++i)
        if (!(std::abs(image.values[i] * 255 - levels[i]) <= tolerance)) return false;
    return true;
}

std::string refusal(const byte_string& bytes) {
    return error_text([&] { parse_image(bytes, "photo"); });
}

}  // namespace

TEST_CASE("a written PNG reads back within half a level, gray and RGB") {
    const temporary_folder folder;
    for (const std::int64_t channels : {1, 3}) {
        tensor image{{5, 7, channels}, {}};
        for (std::int64_t i = 0; i < 35 * channels; ++i) image.values.push_back(static_cast<float>(i % 50) / 49.0f);
        write_png(folder / "out.png", image);
        const tensor back = read_image(folder / "out.png");
        CHECK(back.shape == image.shape);
        for (std::size_t i = 0; i < image.values.size(); ++i)
            CHECK(std::abs(back.values[i] - image.values[i]) <= 0.5f / 255 + 1e-6f);
    }
    CHECK(folder.entries() == 1);
}

TEST_CASE("values are clamped and rounded to the nearest level") {
    const temporary_folder folder;
    constexpr float infinity = std::numeric_limits<float>::infinity();
    write_png(folder / "out.png",
              {{1, 8, 1}, {-3, 7, infinity, -infinity, std::nanf(""), 0.5f, 0.4f / 255, 0.6f / 255}});
    CHECK(shows(read_image(folder / "out.png"), {1, 8, 1}, {0, 255, 255, 0, 0, 128, 0, 1}));
}

TEST_CASE("every kind of PNG is read: 1 to 16 bits, gray, RGB, palette, interlaced or not") {
    for (const bool interlaced : {false, true}) {
        CAPTURE(interlaced);
        const auto read = [&](png_sample sample) {
            sample.interlaced = interlaced;
            return parse_image(make_png(sample), "sample");
        };
        CHECK(shows(read({3, 2, 1, 0, {0b10100000, 0b01000000}}), {2, 3, 1}, {255, 0, 255, 0, 255, 0}));
        CHECK(shows(read({2, 1, 4, 0, {0x1F}}), {1, 2, 1}, {17, 255}));
        CHECK(shows(read({2, 2, 8, 0, {1, 2, 3, 4}}), {2, 2, 1}, {1, 2, 3, 4}));
        CHECK(shows(read({1, 2, 16, 0, {0x80, 0x01, 0xFF, 0xFF}}), {2, 1, 1}, {0x8001 / 257.0f, 255}));
        CHECK(shows(read({1, 2, 8, 2, {1, 2, 3, 4, 5, 6}}), {2, 1, 3}, {1, 2, 3, 4, 5, 6}));
        CHECK(shows(read({1, 1, 16, 2, {1, 1, 2, 2, 3, 3}}), {1, 1, 3}, {1, 2, 3}));
        CHECK(shows(read({4, 1, 2, 3, {0b00011011}, false, {9, 8, 7, 6, 5, 4, 3, 2, 1, 255, 0, 128}}), {1, 4, 3},
                    {9, 8, 7, 6, 5, 4, 3, 2, 1, 255, 0, 128}));
    }
}

TEST_CASE("transparent pixels are laid over white") {
    const auto read = [](const png_sample& sample) { return parse_image(make_png(sample), "sample"); };
    CHECK(shows(read({3, 1, 8, 6, {10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 51}}), {1, 3, 3},
                {10, 20, 30, 255, 255, 255, 204, 224, 244}));
    CHECK(shows(read({2, 1, 8, 4, {10, 255, 0, 51}}), {1, 2, 1}, {10, 204}));
    CHECK(shows(read({1, 1, 16, 4, {0, 0, 0x33, 0x33}}), {1, 1, 1}, {204}));
    CHECK(shows(read({2, 1, 1, 3, {0b01000000}, false, {1, 2, 3, 4, 5, 6}, {0}}), {1, 2, 3}, {255, 255, 255, 4, 5, 6}));
}

TEST_CASE("JPEGs are read: gray, RGB, CMYK, baseline and progressive") {
    for (const bool progressive : {false, true}) {
        CAPTURE(progressive);
        // Even areas of 8x8 survive the transform almost exactly.
        for (const int channels : {1, 3, 4}) {
            const std::uint8_t colour[4] = {200, 100, 50, 51};
            jpeg_sample sample{16, 8, channels, {}, progressive};
            std::vector<float> expected;
            for (int i = 0; i < 16 * 8; ++i) {
                for (int c = 0; c < channels; ++c) sample.rows.push_back(colour[c]);
                for (int c = 0; c < std::min(channels, 3); ++c)
                    expected.push_back(channels == 4 ? static_cast<float>(255 - colour[c]) * 0.8f : colour[c]);
            }
            CHECK(shows(parse_image(make_jpeg(sample), "sample"), {8, 16, channels == 1 ? 1 : 3}, expected, 2.0f));
        }
    }
}

TEST_CASE("a JPEG keeps its rows and columns in order") {
    jpeg_sample sample{24, 16, 1, {}};
    for (int y = 0; y < 16; ++y)
        for (int x = 0; x < 24; ++x) sample.rows.push_back(static_cast<std::uint8_t>(x < 8 ? 20 : y < 8 ? 120 : 220));
    const tensor image = parse_image(make_jpeg(sample), "sample");
    CHECK(std::lround(image.values[0] * 255) == 20);
    CHECK(std::lround(image.values[23] * 255) == 120);
    CHECK(std::lround(image.values[15 * 24 + 23] * 255) == 220);
}

TEST_CASE("what is no image, or not all of one, is refused by name") {
    CHECK(mentions(refusal(to_bytes("GIF89a")), {"photo", "neither a PNG nor a JPEG"}));
    CHECK(mentions(refusal({}), {"photo", "neither"}));
    byte_string png = make_png({8, 8, 8, 0, std::vector<std::uint8_t>(64, 77)});
    png.resize(png.size() - 20);
    CHECK(mentions(refusal(png), {"photo", "not a valid PNG"}));
    std::vector<std::uint8_t> noise;
    for (int i = 0; i < 64 * 64; ++i) noise.push_back(static_cast<std::uint8_t>(i * i >> 3));
    byte_string jpeg = make_jpeg({64, 64, 1, noise});
    jpeg.resize(jpeg.size() / 2);
    CHECK(mentions(refusal(jpeg), {"photo", "not a valid JPEG"}));
}

TEST_CASE("images that declare more pixels than their file can hold are refused before memory is spent") {
    const auto png_of = [](std::uint32_t width, std::uint32_t height) {
        byte_string file = make_png({8, 1, 1, 0, {0x55}});
        const std::uint32_t extents[] = {__builtin_bswap32(width), __builtin_bswap32(height)};
        std::memcpy(file.data() + 16, extents, sizeof extents);
        const auto crc = __builtin_bswap32(
            static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(file.data() + 12), 17)));
        std::memcpy(file.data() + 29, &crc, sizeof crc);
        return file;
    };
    CHECK(parse_image(png_of(8, 1), "photo").values.size() == 8);
    CHECK(mentions(refusal(png_of(16384, 16384)), {"photo", "16384x16384", "cannot hold"}));
    CHECK(mentions(refusal(png_of(0x7FFFFFFF, 0x7FFFFFFF)), {"photo", "2147483647x2147483647", "at most"}));

    byte_string jpeg = make_jpeg({16, 16, 1, std::vector<std::uint8_t>(256, 90)});
    for (std::size_t i = 0; i + 8 < jpeg.size(); ++i)
        if (jpeg[i] == std::byte{0xFF} && jpeg[i + 1] == std::byte{0xC0})
            for (std::size_t k = 5; k < 9; ++k) jpeg[i + k] = std::byte{0xF0};
    CHECK(mentions(refusal(jpeg), {"photo", "61680x61680"}));
}

TEST_CASE("only images of 1 or 3 channels are written, and nothing is left when they cannot be") {
    const temporary_folder folder;
    const auto text = [&](const tensor& image) { return error_text([&] { write_png(folder / "out.png", image); }); };
    CHECK(mentions(text({{1, 1, 2}, {0, 0}}), {"out.png", "1 or 3 channels", "1x1x2"}));
    CHECK(mentions(text({{2, 2}, {0, 0, 0, 0}}), {"out.png", "height x width x channels", "2x2"}));
    CHECK(mentions(text({{0, 2, 3}, {}}), {"out.png", "0x2x3"}));
    CHECK(mentions(text({{2, 2, 1}, {0}}), {"out.png", "2x2x1"}));
    CHECK(folder.entries() == 0);
}

TEST_CASE("gray is Rec. 601 luma, and gray becomes three equal channels") {
    const tensor rgb{{1, 4, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1}};
    const tensor gray = to_gray(rgb);
    CHECK(gray.shape == std::vector<std::int64_t>{1, 4, 1});
    CHECK(gray.values[0] == doctest::Approx(0.299));
    CHECK(gray.values[1] == doctest::Approx(0.587));
    CHECK(gray.values[2] == doctest::Approx(0.114));
    CHECK(gray.values[3] == doctest::Approx(1.0));
    CHECK(gray_to_rgb({{1, 2, 1}, {0.25f, 0.5f}}).values == std::vector<float>{0.25f, 0.25f, 0.25f, 0.5f, 0.5f, 0.5f});
    CHECK(to_gray(gray).values == gray.values);
    CHECK(gray_to_rgb(rgb).values == rgb.values);
    CHECK_THROWS_AS(to_gray({{1, 1, 2}, {0, 0}}), error);
}
