#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/image.hpp>

namespace kiln {
namespace {

/// What one output coordinate takes from the input: weights, which sum to 1, of the inputs from `first` on.
struct taps {
    std::size_t first;
    std::vector<float> weights;
};

std::vector<taps> triangle_filter(std::int64_t from, std::int64_t to) {
    const double scale = static_cast<double>(from) / static_cast<double>(to);
    const double radius = std::max(scale, 1.0);
    std::vector<taps> filter(static_cast<std::size_t>(to));
    for (std::size_t out = 0; out < filter.size(); ++out) {
        const double centre = (static_cast<double>(out) + 0.5) * scale;
        const auto first = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor(centre - radius + 0.5)));
        const auto last = std::min<std::int64_t>(from, static_cast<std::int64_t>(std::floor(centre + radius + 0.5)));
        std::vector<double> weights;
        double sum = 0;
        for (std::int64_t in = first; in < last; ++in) {
            const double distance = std::abs(static_cast<double>(in) + 0.5 - centre) / radius;
            weights.push_back(std::max(0.0, 1.0 - distance));
            sum += weights.back();
        }
        filter[out].first = static_cast<std::size_t>(first);
        for (const double weight : weights) filter[out].weights.push_back(static_cast<float>(weight / sum));
    }
    return filter;
}

/// {outer, in, inner} -> {outer, filter.size(), inner}
std::vector<float> apply(const std::vector<taps>& filter, const std::vector<float>& input, std::size_t outer,
                         std::size_t in, std::size_t inner) {
    std::vector<float> output(outer * filter.size() * inner);
    float* to = output.data();
    for (std::size_t o = 0; o < outer; ++o)
        for (const taps& tap : filter) {
            const float* from = input.data() + (o * in + tap.first) * inner;
            for (const float weight : tap.weights) {
                for (std::size_t i = 0; i < inner; ++i) to[i] += weight * from[i];
                from += inner;
            }
            to += inner;
        }
    return output;
}

void expect_size(std::int64_t height, std::int64_t width, std::string_view what) {
    if (height > 0 && width > 0 && height <= largest_image / width) return;
    throw error(
        fmt::format("{}: {}x{} is not a size for an image (1 to {} pixels)", what, height, width, largest_image));
}

}  // namespace

tensor resize(const tensor& image, std::int64_t height, std::int64_t width) {
    expect_image(image, "resize");
    expect_size(height, width, "resize");
    const std::int64_t rows = image.shape[0], columns = image.shape[1], channels = image.shape[2];
    // Between the two steps the image has the old height and the new width.
    expect_size(rows, width, "resize, after its horizontal step");
    const auto extent = [](std::int64_t value) { return static_cast<std::size_t>(value); };
    tensor result{{height, width, channels}, image.values};
    if (width != columns)
        result.values =
            apply(triangle_filter(columns, width), result.values, extent(rows), extent(columns), extent(channels));
    if (height != rows)
        result.values =
            apply(triangle_filter(rows, height), result.values, 1, extent(rows), extent(width) * extent(channels));
    return result;
}

tensor center_crop(const tensor& image, std::int64_t height, std::int64_t width) {
    expect_image(image, "center_crop");
    const std::int64_t rows = image.shape[0], columns = image.shape[1], channels = image.shape[2];
    if (height < 1 || width < 1 || height > rows || width > columns)
        throw error(
            fmt::format("center_crop: cannot cut {}x{} from an image of {}", height, width, shape_text(image.shape)));
    tensor result{{height, width, channels}, {}};
    result.values.reserve(static_cast<std::size_t>(height * width * channels));
    const std::int64_t top = (rows - height) / 2, left = (columns - width) / 2;
    for (std::int64_t y = 0; y < height; ++y) {
        const auto from = image.values.begin() + ((top + y) * columns + left) * channels;
        result.values.insert(result.values.end(), from, from + width * channels);
    }
    return result;
}

}  // namespace kiln
