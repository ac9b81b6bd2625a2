// image_codec: what the PNG and JPEG readers share. Both libraries report errors by longjmp; each reader therefore
// keeps all its state in one plain struct, jumps only over frames without destructors, and turns the message into a
// kiln::error afterwards.
#pragma once

#include <cstdint>
#include <kiln/runtime/bytes.hpp>
#include <kiln/runtime/tensor.hpp>
#include <string_view>

namespace kiln {

bool is_png(byte_view bytes);
bool is_jpeg(byte_view bytes);
tensor parse_png(byte_view bytes, std::string_view what);
tensor parse_jpeg(byte_view bytes, std::string_view what);

/// Throws unless the declared size is one that a file of `file_size` bytes can hold, at up to `most_pixels_per_byte`,
/// and is at most largest_image.
void expect_plausible_size(std::uint64_t width, std::uint64_t height, std::uint64_t file_size,
                           std::uint64_t most_pixels_per_byte, std::string_view what);

}  // namespace kiln
