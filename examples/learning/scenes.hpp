// Scenes to find things in: garments of Fashion-MNIST, tinted and stretched, laid on real photos, with their boxes.
// There are as many scenes as one wants, and none twice. Scenes for training and for testing share nothing: other
// garments, and other parts of the photos.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include <kiln/runtime/detection.hpp>
#include <kiln/runtime/random.hpp>
#include <kiln/runtime/tensor.hpp>

namespace learning {

/// What is looked for: classes of Fashion-MNIST, as labels 0, 1 and 2.
inline constexpr std::array<int, 3> looked_for{1, 7, 8};
inline constexpr std::array<const char*, 3> names{"trousers", "sneaker", "bag"};

struct scene {
    kiln::tensor image;  // {side, side, 3}, 0 to 1
    std::vector<kiln::object> objects;
};

enum class use : std::uint8_t { training, testing };

class scene_maker {
public:
    /// `garments`: the folder of Fashion-MNIST's IDX files. `photos`: a folder with astronaut.png and chelsea.png.
    /// Throws kiln::error.
    scene_maker(const std::filesystem::path& garments, const std::filesystem::path& photos, use what,
                std::int64_t side);

    /// Scene `number`, always the same, with at most `most` and at least `least` objects that do not hide each other.
    scene make(std::uint64_t number, int least, int most) const;

private:
    kiln::tensor background(kiln::random_stream& random) const;
    void lay(const kiln::tensor& garment, const kiln::box& where, kiln::random_stream& random,
             kiln::tensor& image) const;

    std::int64_t side_;
    bool varied_;  // backgrounds, for training
    std::uint64_t key_;
    std::vector<kiln::tensor> photos_;                     // the half of each that belongs to this use
    std::array<std::vector<kiln::tensor>, 3> garments_{};  // {height, width, 1}, cut to what is there
};

}  // namespace learning
