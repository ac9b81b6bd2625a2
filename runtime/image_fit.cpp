#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/image.hpp>
#include <kiln/runtime/image_fit.hpp>

namespace kiln {
namespace {

tensor scale_and_crop(const tensor& image, std::int64_t height, std::int64_t width) {
    const double scale = std::max(static_cast<double>(height) / static_cast<double>(image.shape[0]),
                                  static_cast<double>(width) / static_cast<double>(image.shape[1]));
    const auto scaled = [&](std::int64_t extent, std::int64_t least) {
        return std::max(least, static_cast<std::int64_t>(std::lround(static_cast<double>(extent) * scale)));
    };
    return center_crop(resize(image, scaled(image.shape[0], height), scaled(image.shape[1], width)), height, width);
}

}  // namespace

sizing sizing_called(std::string_view name) {
    return name == "stretch" ? sizing::stretch : name == "refuse" ? sizing::refuse : sizing::crop;
}

tensor fit_image(tensor image, std::int64_t height, std::int64_t width, std::int64_t channels, const fit_options& o,
                 std::string_view what) {
    if (image.shape[2] != channels) {
        if (!o.convert_channels)
            throw error(fmt::format("{} has {} channel{}, the network takes {}: use --channels convert", what,
                                    image.shape[2], image.shape[2] == 1 ? "" : "s", channels));
        image = channels == 1 ? to_gray(image) : gray_to_rgb(image);
    }
    if (image.shape[0] == height && image.shape[1] == width) return image;
    if (o.size == sizing::refuse)
        throw error(fmt::format("{} is {}x{}, the network takes {}x{}: use --resize crop or --resize stretch", what,
                                image.shape[0], image.shape[1], height, width));
    return o.size == sizing::stretch ? resize(image, height, width) : scale_and_crop(image, height, width);
}

}  // namespace kiln
