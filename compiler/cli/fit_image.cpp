#include <kiln/compiler/cli/fit_image.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <kiln/compiler/extents.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/image.hpp>

namespace kiln::cli {
namespace {

tensor fit_channels(tensor image, std::int64_t channels, const std::string& file, const input_options& o) {
    if (image.shape[2] == channels) return image;
    if (o.channels == "refuse")
        throw error(fmt::format("{} has {} channel{}, the network takes {}: use --channels convert", file,
                                image.shape[2], image.shape[2] == 1 ? "" : "s", channels));
    return channels == 1 ? to_gray(image) : gray_to_rgb(image);
}

/// Scales until both sides are large enough, then takes the middle.
tensor scale_and_crop(const tensor& image, std::int64_t height, std::int64_t width) {
    const double scale = std::max(static_cast<double>(height) / static_cast<double>(image.shape[0]),
                                  static_cast<double>(width) / static_cast<double>(image.shape[1]));
    const auto scaled = [&](std::int64_t extent, std::int64_t least) {
        return std::max(least, static_cast<std::int64_t>(std::lround(static_cast<double>(extent) * scale)));
    };
    return center_crop(resize(image, scaled(image.shape[0], height), scaled(image.shape[1], width)), height, width);
}

tensor fit_size(tensor image, std::int64_t height, std::int64_t width, const std::string& file,
                const input_options& o) {
    if (image.shape[0] == height && image.shape[1] == width) return image;
    if (o.resize == "refuse")
        throw error(fmt::format("{} is {}x{}, the network takes {}x{}: use --resize crop or --resize stretch", file,
                                image.shape[0], image.shape[1], height, width));
    return o.resize == "stretch" ? resize(image, height, width) : scale_and_crop(image, height, width);
}

void normalize(tensor& image, const input_options& o) {
    const auto channels = static_cast<std::size_t>(image.shape[2]);
    const auto expect = [&](const std::vector<float>& values, const char* option) {
        if (!values.empty() && values.size() != 1 && values.size() != channels)
            throw error(fmt::format("{} has {} values, the image has {} channels: give one, or one for each", option,
                                    values.size(), channels));
    };
    expect(o.mean, "--mean");
    expect(o.deviation, "--std");
    if (std::ranges::find(o.deviation, 0.0F) != o.deviation.end()) throw error("--std must not be 0");
    const auto of = [](const std::vector<float>& values, std::size_t c, float otherwise) {
        return values.empty() ? otherwise : values[values.size() == 1 ? 0 : c];
    };
    for (std::size_t i = 0; i < image.values.size(); ++i) {
        const std::size_t c = i % channels;
        const float ranged = o.range[0] + image.values[i] * (o.range[1] - o.range[0]);
        image.values[i] = (ranged - of(o.mean, c, 0)) / of(o.deviation, c, 1);
    }
}

tensor to_channels_first(const tensor& image) {
    const std::int64_t channels = image.shape[2], pixels = image.shape[0] * image.shape[1];
    tensor turned{{channels, image.shape[0], image.shape[1]}, {}};
    for (std::int64_t c = 0; c < channels; ++c)
        for (std::int64_t p = 0; p < pixels; ++p)
            turned.values.push_back(image.values[static_cast<std::size_t>(p * channels + c)]);
    return turned;
}

}  // namespace

tensor fit_image(const std::filesystem::path& file, const plan::port& port, const input_options& o) {
    // An ONNX model's input is laid out as ONNX has it: channels first.
    const bool channels_first = !port.batched;
    const dims given = port.shape.rank > 0 ? drop_first(port.shape) : port.shape;
    const dims sample = channels_first && given.rank == 3 ? dims::of(given[1], given[2], given[0]) : given;
    if (sample.rank != 3 || (sample[2] != 1 && sample[2] != 3)) {
        const std::vector<std::int64_t> extents = extents_of(given);
        throw error(fmt::format("{}: input {} has shape {}, which no image has: give it as .npy or .npz", file.string(),
                                port.name, shape_text(extents)));
    }
    tensor image = fit_channels(read_image(file), sample[2], file.string(), o);
    image = fit_size(std::move(image), sample[0], sample[1], file.string(), o);
    normalize(image, o);
    return channels_first ? to_channels_first(image) : image;
}

}  // namespace kiln::cli
