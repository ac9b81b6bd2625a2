#include "scenes.hpp"

#include <algorithm>
#include <cmath>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/idx.hpp>
#include <kiln/runtime/image.hpp>

namespace learning {
namespace {

using kiln::box;
using kiln::random_stream;
using kiln::tensor;

/// Evenly distributed in [low, high).
float between(random_stream& random, float low, float high) {
    return low + (high - low) * static_cast<float>(random.below(1 << 24)) / static_cast<float>(1 << 24);
}

/// Columns [first, first + width) of an image, rows [top, top + height).
tensor part_of(const tensor& image, std::int64_t top, std::int64_t height, std::int64_t first, std::int64_t width) {
    const std::int64_t channels = image.shape[2];
    tensor part{{height, width, channels}, {}};
    part.values.reserve(static_cast<std::size_t>(height * width * channels));
    for (std::int64_t y = top; y < top + height; ++y) {
        const auto row = image.values.begin() + (y * image.shape[1] + first) * channels;
        part.values.insert(part.values.end(), row, row + width * channels);
    }
    return part;
}

/// The smallest part of a 28x28 garment outside which all is darker than `dark`; empty if there is none.
tensor cut_out(const std::uint8_t* levels) {
    constexpr std::int64_t size = 28;
    constexpr int dark = 40;
    std::int64_t top = size, bottom = -1, left = size, right = -1;
    tensor whole{{size, size, 1}, std::vector<float>(size * size)};
    for (std::int64_t i = 0; i < size * size; ++i) {
        whole.values[static_cast<std::size_t>(i)] = static_cast<float>(levels[i]) / 255;
        if (levels[i] < dark) continue;
        top = std::min(top, i / size);
        bottom = std::max(bottom, i / size);
        left = std::min(left, i % size);
        right = std::max(right, i % size);
    }
    if (bottom < top) return {};
    return part_of(whole, top, bottom - top + 1, left, right - left + 1);
}

/// There are few photos: turned over, with other colours and other light they are more.
tensor vary(const tensor& photo, random_stream& random) {
    const std::int64_t side = photo.shape[0];
    const bool mirrored = random.below(2) != 0, turned = random.below(2) != 0;
    std::array<std::int64_t, 3> channels{0, 1, 2};
    for (std::size_t i = 3; i > 1; --i) std::swap(channels[i - 1], channels[random.below(i)]);
    const float gain = between(random, 0.5F, 1.3F), offset = between(random, -0.1F, 0.2F);
    tensor varied = photo;
    float* to = varied.values.data();
    for (std::int64_t y = 0; y < side; ++y)
        for (std::int64_t x = 0; x < side; ++x) {
            const std::int64_t from_y = turned ? side - 1 - y : y, from_x = mirrored ? side - 1 - x : x;
            for (const std::int64_t c : channels) {
                const float level = photo.values[static_cast<std::size_t>((from_y * side + from_x) * 3 + c)];
                *to++ = std::clamp(level * gain + offset, 0.0F, 1.0F);
            }
        }
    return varied;
}

}  // namespace

scene_maker::scene_maker(const std::filesystem::path& garments, const std::filesystem::path& photos, use what,
                         std::int64_t side)
    : side_(side), varied_(what == use::training), key_(kiln::random_key(what == use::training ? 1 : 2, "scenes")) {
    const std::string prefix = what == use::training ? "train" : "t10k";
    const kiln::idx_array images = kiln::read_idx(garments / (prefix + "-images-idx3-ubyte.gz"));
    const kiln::idx_array labels = kiln::read_idx(garments / (prefix + "-labels-idx1-ubyte.gz"));
    if (images.shape != std::vector<std::int64_t>{labels.shape.at(0), 28, 28})
        throw kiln::error(garments.string() + ": images and labels are not those of Fashion-MNIST");
    for (std::size_t i = 0; i < labels.levels.size(); ++i) {
        const auto found = std::ranges::find(looked_for, labels.levels[i]);
        if (found == looked_for.end()) continue;
        tensor garment = cut_out(images.levels.data() + i * 28 * 28);
        if (!garment.values.empty())
            garments_[static_cast<std::size_t>(found - looked_for.begin())].push_back(std::move(garment));
    }
    for (const char* name : {"astronaut.png", "chelsea.png"}) {
        const tensor photo = kiln::gray_to_rgb(kiln::read_image(photos / name));
        const std::int64_t half = photo.shape[1] / 2;
        photos_.push_back(part_of(photo, 0, photo.shape[0], what == use::training ? 0 : half, half));
        if (half < side || photo.shape[0] < side)
            throw kiln::error((photos / name).string() + ": too small for scenes of " + std::to_string(side));
    }
}

tensor scene_maker::background(random_stream& random) const {
    const tensor& photo = photos_[random.below(photos_.size())];
    const std::int64_t most = std::min(photo.shape[0], photo.shape[1]);
    const std::int64_t size =
        side_ + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - side_ + 1)));
    const auto place = [&](std::int64_t room) {
        return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(room - size + 1)));
    };
    const std::int64_t top = place(photo.shape[0]), left = place(photo.shape[1]);
    const tensor part = kiln::resize(part_of(photo, top, size, left, size), side_, side_);
    return varied_ ? vary(part, random) : part;
}

void scene_maker::lay(const tensor& garment, const box& where, random_stream& random, tensor& image) const {
    const auto side = static_cast<float>(side_);
    const auto height = static_cast<std::int64_t>(std::lround(where.height * side));
    const auto width = static_cast<std::int64_t>(std::lround(where.width * side));
    const auto top = static_cast<std::int64_t>(std::lround((where.y - where.height / 2) * side));
    const auto left = static_cast<std::int64_t>(std::lround((where.x - where.width / 2) * side));
    const tensor fitted = kiln::resize(garment, height, width);
    const std::array<float, 3> tint{between(random, 0.4F, 1), between(random, 0.4F, 1), between(random, 0.4F, 1)};
    for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) {
            const float level = fitted.values[static_cast<std::size_t>(y * width + x)];
            const float cover = std::min(level * 6, 1.0F);  // black is where the garment is not
            float* pixel = image.values.data() + ((top + y) * side_ + left + x) * 3;
            for (std::size_t c = 0; c < 3; ++c) pixel[c] += cover * (level * tint[c] - pixel[c]);
        }
}

scene scene_maker::make(std::uint64_t number, int least, int most) const {
    random_stream random(kiln::part_key(key_, number));
    scene s{background(random), {}};
    const auto wanted = static_cast<std::size_t>(least) + random.below(static_cast<std::uint64_t>(most - least) + 1);
    const auto side = static_cast<float>(side_);
    // Places are drawn until one is free; a crowded scene may end with fewer objects.
    for (int tries = 0; s.objects.size() < wanted && tries < 200; ++tries) {
        const auto label = random.below(looked_for.size());
        const std::vector<tensor>& choice = garments_[label];
        const tensor& garment = choice[random.below(choice.size())];
        // As tall or wide as a share of the image, and a little thinner or fatter than the garment was.
        const float ratio =
            static_cast<float>(garment.shape[0]) / static_cast<float>(garment.shape[1]) * between(random, 0.8F, 1.25F);
        const float longer = between(random, 0.2F, 0.5F);
        const auto whole_pixels = [side](float share) { return std::max(std::round(share * side), 4.0F); };
        const float height = whole_pixels(longer * std::min(ratio, 1.0F));
        const float width = whole_pixels(longer * std::min(1 / ratio, 1.0F));
        const auto top = static_cast<float>(random.below(static_cast<std::uint64_t>(side - height) + 1));
        const auto left = static_cast<float>(random.below(static_cast<std::uint64_t>(side - width) + 1));
        const box where{(left + width / 2) / side, (top + height / 2) / side, height / side, width / side};
        if (std::ranges::any_of(s.objects, [&](const kiln::object& o) {
                return kiln::intersection_over_union(o.where, where) > 0.05F;
            }))
            continue;
        lay(garment, where, random, s.image);
        s.objects.push_back({where, static_cast<std::int32_t>(label)});
    }
    return s;
}

}  // namespace learning
