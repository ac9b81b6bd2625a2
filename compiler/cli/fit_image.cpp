#include <kiln/compiler/cli/fit_image.hpp>

#include <fmt/format.h>

#include <algorithm>

#include <kiln/compiler/extents.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/image.hpp>
#include <kiln/runtime/image_fit.hpp>

namespace kiln::cli {
namespace {

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
    const fit_options fit{.size = sizing_called(o.resize), .convert_channels = o.channels == "convert"};
    tensor image = fit_image(read_image(file), sample[0], sample[1], sample[2], fit, file.string());
    normalize(image, o);
    return channels_first ? to_channels_first(image) : image;
}

}  // namespace kiln::cli
