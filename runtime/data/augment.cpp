#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <kiln/runtime/data/augment.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/random.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln::data {
namespace {

constexpr std::int64_t largest = 1024;

std::int64_t pixels_of(std::string_view word, std::string_view value) {
    std::int64_t pixels = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), pixels);
    if (code != std::errc() || end != value.data() + value.size() || pixels < 1 || pixels > largest)
        throw error(fmt::format("augmentation {}: expected a number of pixels from 1 to {}, such as {}=4",
                                in_quotes(word), largest, word.substr(0, word.find('='))));
    return pixels;
}

constexpr std::int64_t outside = -1;

/// Where each position along an axis comes from: first a part of the padded image, then moved.
std::vector<std::int64_t> sources(std::int64_t extent, const augmentation& a, bool flip, random_stream& random) {
    const auto offset = [&](std::int64_t most) {
        return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(2 * most + 1))) - most;
    };
    const std::int64_t moved = offset(a.shift), cut = offset(a.crop);
    std::vector<std::int64_t> from(static_cast<std::size_t>(extent));
    for (std::int64_t i = 0; i < extent; ++i) {
        std::int64_t at = i + cut;
        if (at < 0 || at >= extent) {
            from[static_cast<std::size_t>(i)] = outside;
            continue;
        }
        at = std::clamp(at + moved, std::int64_t{0}, extent - 1);
        from[static_cast<std::size_t>(i)] = flip ? extent - 1 - at : at;
    }
    return from;
}

}  // namespace

augmentation parse_augmentation(std::string_view text) {
    augmentation a;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view word = text.substr(0, comma);
        text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
        if (word == "flip")
            a.flip = true;
        else if (word.starts_with("crop="))
            a.crop = pixels_of(word, word.substr(5));
        else if (word.starts_with("shift="))
            a.shift = pixels_of(word, word.substr(6));
        else
            throw error(
                fmt::format("there is no augmentation {}: expected flip, crop=PIXELS or shift=PIXELS, with "
                            "commas between them",
                            in_quotes(word)));
    }
    return a;
}

std::string text_of(const augmentation& a) {
    std::string text = a.flip ? "flip" : "";
    if (a.crop > 0) text += fmt::format("{}crop={}", text.empty() ? "" : ",", a.crop);
    if (a.shift > 0) text += fmt::format("{}shift={}", text.empty() ? "" : ",", a.shift);
    return text;
}

void augment(std::span<float> image, const std::vector<std::int64_t>& shape, const augmentation& a,
             std::span<const float> black, std::uint64_t key) {
    random_stream random(key);
    const bool flip = a.flip && random.below(2) == 1;
    const std::vector<std::int64_t> rows = sources(shape[0], a, false, random);
    const std::vector<std::int64_t> columns = sources(shape[1], a, flip, random);
    const std::vector<float> original(image.begin(), image.end());
    const auto channels = static_cast<std::size_t>(shape[2]);
    float* to = image.data();
    for (const std::int64_t y : rows)
        for (const std::int64_t x : columns) {
            const float* from = y == outside || x == outside
                                    ? black.data()
                                    : &original[static_cast<std::size_t>(y * shape[1] + x) * channels];
            to = std::copy_n(from, channels, to);
        }
}

}  // namespace kiln::data
