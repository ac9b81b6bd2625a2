#include <fmt/format.h>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/image.hpp>
#include <kiln/runtime/image_codec.hpp>
#include <kiln/runtime/mapped_file.hpp>

namespace kiln {

void expect_plausible_size(std::uint64_t width, std::uint64_t height, std::uint64_t file_size,
                           std::uint64_t most_pixels_per_byte, std::string_view what) {
    // Both formats keep extents in at most 32 bits, so the product does not overflow.
    const std::uint64_t pixels = width * height;
    if (pixels == 0) throw error(fmt::format("{}: is an image of {}x{} pixels", what, width, height));
    if (pixels > static_cast<std::uint64_t>(largest_image))
        throw error(
            fmt::format("{}: is an image of {}x{} pixels; at most {} are read", what, width, height, largest_image));
    if (pixels / most_pixels_per_byte > file_size)
        throw error(fmt::format("{}: declares {}x{} pixels, which its {} bytes cannot hold; it may be truncated", what,
                                width, height, file_size));
}

tensor parse_image(byte_view bytes, std::string_view what) {
    if (is_png(bytes)) return parse_png(bytes, what);
    if (is_jpeg(bytes)) return parse_jpeg(bytes, what);
    throw error(fmt::format("{}: is neither a PNG nor a JPEG image", what));
}

tensor read_image(const std::filesystem::path& path) { return parse_image(mapped_file(path).bytes(), path.string()); }

void expect_image(const tensor& image, std::string_view what) {
    expect_consistent(image, what);
    if (image.shape.size() != 3 || image.values.empty())
        throw error(fmt::format("{}: expected an image of shape height x width x channels, found {}", what,
                                shape_text(image.shape)));
    if (image.shape[0] * image.shape[1] > largest_image)
        throw error(
            fmt::format("{}: an image of {} has more than {} pixels", what, shape_text(image.shape), largest_image));
}

}  // namespace kiln
