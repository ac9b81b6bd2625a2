// image: photos in and out, as tensors of shape {height, width, channels} with values from 0 (black) to 1.
//
// Samples are taken as they are stored (no colour profile, no gamma, no rotation by EXIF). Errors are kiln::error and
// name the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <kiln/runtime/bytes.hpp>
#include <kiln/runtime/tensor.hpp>
#include <string_view>

namespace kiln {

/// No image of more pixels than this is read or written.
inline constexpr std::int64_t largest_image = std::int64_t{1} << 28;

/// PNG or JPEG, told apart by their first bytes. Gray images have one channel, all others three (red, green, blue):
/// palettes are resolved, CMYK is converted, transparent pixels are laid over white. Truncated images are refused, as
/// are files too small to hold the pixels they declare.
tensor parse_image(byte_view bytes, std::string_view what);
tensor read_image(const std::filesystem::path& path);

/// Writes 1 or 3 channels as 8-bit PNG: clamped to [0, 1] (NaN to 0), rounded to the nearest of 256 levels.
void write_png(const std::filesystem::path& path, const tensor& image);

/// Throws kiln::error starting with `what` unless the tensor is {height, width, channels}, consistent, not empty and at
/// most largest_image pixels.
void expect_image(const tensor& image, std::string_view what);

/// Bilinear, with the filter widened by the scale when shrinking so that nothing aliases: separable triangle filter,
/// pixel centres at half coordinates, edges renormalised. The same as Pillow's BILINEAR but for its rounding to 8 bits.
/// Any number of channels.
tensor resize(const tensor& image, std::int64_t height, std::int64_t width);

/// The middle of the image. Where the margin is odd, the extra row or column is dropped at the bottom or right.
tensor center_crop(const tensor& image, std::int64_t height, std::int64_t width);

/// One channel: luma by ITU-R BT.601, 0.299 red + 0.587 green + 0.114 blue. A gray image is returned as it is.
tensor to_gray(const tensor& image);

/// Three equal channels. An image of three channels is returned as it is.
tensor gray_to_rgb(const tensor& image);

}  // namespace kiln
