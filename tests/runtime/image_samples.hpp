// image_samples: PNG and JPEG files of the kinds that Kiln reads but does not write.
#pragma once

#include <cstdint>
#include <vector>

#include "samples.hpp"

namespace kiln::test {

struct png_sample {
    unsigned width, height;
    int bits;                        // per sample: 1, 2, 4, 8, 16
    int color_type;                  // PNG's own: 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha
    std::vector<std::uint8_t> rows;  // as PNG packs them, 16-bit samples high byte first
    bool interlaced = false;
    std::vector<std::uint8_t> palette = {};        // red, green, blue of each entry
    std::vector<std::uint8_t> palette_alpha = {};  // of the first entries
};
byte_string make_png(const png_sample& sample);

struct jpeg_sample {
    unsigned width, height;
    int channels;  // 1 gray, 3 RGB, 4 CMYK (without Adobe's marker, so not inverted)
    std::vector<std::uint8_t> rows;
    bool progressive = false;
};
/// At quality 100 without chroma subsampling: within a few levels of what was given.
byte_string make_jpeg(const jpeg_sample& sample);

}  // namespace kiln::test
