#include <fmt/format.h>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/image.hpp>

namespace kiln {
namespace {

void expect_gray_or_rgb(const tensor& image, std::string_view what) {
    expect_image(image, what);
    if (image.shape[2] == 1 || image.shape[2] == 3) return;
    throw error(fmt::format("{}: expected an image of 1 or 3 channels, found {}", what, shape_text(image.shape)));
}

}  // namespace

tensor to_gray(const tensor& image) {
    expect_gray_or_rgb(image, "to_gray");
    if (image.shape[2] == 1) return image;
    tensor gray{{image.shape[0], image.shape[1], 1}, std::vector<float>(image.values.size() / 3)};
    const float* rgb = image.values.data();
    for (float& value : gray.values) {
        value = 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
        rgb += 3;
    }
    return gray;
}

tensor gray_to_rgb(const tensor& image) {
    expect_gray_or_rgb(image, "gray_to_rgb");
    if (image.shape[2] == 3) return image;
    tensor rgb{{image.shape[0], image.shape[1], 3}, {}};
    rgb.values.reserve(image.values.size() * 3);
    for (const float value : image.values) rgb.values.insert(rgb.values.end(), 3, value);
    return rgb;
}

}  // namespace kiln
