#include "image_samples.hpp"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
// jpeglib.h uses size_t and FILE without including what declares them.
#include <jpeglib.h>
#include <png.h>

namespace kiln::test {

byte_string make_png(const png_sample& sample) {
    byte_string file;
    png_structp png = ::png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = ::png_create_info_struct(png);
    const auto append = [](png_structp writer, png_bytep bytes, png_size_t count) {
        auto& out = *static_cast<byte_string*>(::png_get_io_ptr(writer));
        const byte_view view = std::as_bytes(std::span(bytes, count));
        out.insert(out.end(), view.begin(), view.end());
    };
    ::png_set_write_fn(png, &file, append, [](png_structp) {});
    ::png_set_IHDR(png, info, sample.width, sample.height, sample.bits, sample.color_type,
                   sample.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                   PNG_FILTER_TYPE_DEFAULT);
    std::vector<png_color> palette;
    for (std::size_t i = 0; i + 2 < sample.palette.size(); i += 3)
        palette.push_back({sample.palette[i], sample.palette[i + 1], sample.palette[i + 2]});
    if (!palette.empty()) ::png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
    if (!sample.palette_alpha.empty())
        ::png_set_tRNS(png, info, sample.palette_alpha.data(), static_cast<int>(sample.palette_alpha.size()), nullptr);
    const std::size_t row_bytes = sample.rows.size() / sample.height;
    std::vector<png_bytep> rows;
    for (std::size_t y = 0; y < sample.height; ++y)
        rows.push_back(const_cast<png_bytep>(sample.rows.data() + y * row_bytes));
    ::png_write_info(png, info);
    ::png_write_image(png, rows.data());
    ::png_write_end(png, info);
    ::png_destroy_write_struct(&png, &info);
    return file;
}

byte_string make_jpeg(const jpeg_sample& sample) {
    jpeg_compress_struct jpeg{};
    jpeg_error_mgr errors{};
    jpeg.err = ::jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    ::jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = sample.width;
    jpeg.image_height = sample.height;
    jpeg.input_components = sample.channels;
    jpeg.in_color_space = sample.channels == 1 ? JCS_GRAYSCALE : sample.channels == 3 ? JCS_RGB : JCS_CMYK;
    ::jpeg_set_defaults(&jpeg);
    jpeg.write_Adobe_marker = FALSE;
    ::jpeg_set_quality(&jpeg, 100, TRUE);
    jpeg.comp_info[0].h_samp_factor = jpeg.comp_info[0].v_samp_factor = 1;
    if (sample.progressive) ::jpeg_simple_progression(&jpeg);
    ::jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        const std::size_t at = std::size_t{jpeg.next_scanline} * sample.width * static_cast<unsigned>(sample.channels);
        JSAMPROW row = const_cast<JSAMPLE*>(sample.rows.data() + at);
        ::jpeg_write_scanlines(&jpeg, &row, 1);
    }
    ::jpeg_finish_compress(&jpeg);
    ::jpeg_destroy_compress(&jpeg);
    const byte_view view = std::as_bytes(std::span(bytes, size));
    byte_string file(view.begin(), view.end());
    std::free(bytes);
    return file;
}

}  // namespace kiln::test
