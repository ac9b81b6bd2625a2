// augment: images that are a little different each time they are seen, so that a network learns what does not depend
// on it. Labels stay as they are: boxes and landmarks would not move along.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::data {

struct augmentation {
    bool flip = false;       // left and right exchanged, every other time
    std::int64_t crop = 0;   // padded with that much black on each side, then a random part of the old size
    std::int64_t shift = 0;  // moved by up to so much along each axis; what comes in repeats the border

    bool any() const { return flip || crop > 0 || shift > 0; }
};

/// "flip,crop=4,shift=2", in any order; the inverse of it. Throws kiln::error.
augmentation parse_augmentation(std::string_view text);
std::string text_of(const augmentation& a);

/// In place: `image` is {height, width, channels}, `black` has one value a channel. What happens depends on `key`
/// alone.
void augment(std::span<float> image, const std::vector<std::int64_t>& shape, const augmentation& a,
             std::span<const float> black, std::uint64_t key);

}  // namespace kiln::data
