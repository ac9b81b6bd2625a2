#include <fmt/format.h>

#include <array>
#include <csetjmp>
#include <cstdio>
// jpeglib.h uses size_t and FILE without including what declares them.
#include <jerror.h>
#include <jpeglib.h>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/image_codec.hpp>

namespace kiln {
namespace {

// Progressive files refine the image scan by scan; real ones have about ten. Hundreds serve only to waste time.
constexpr int most_scans = 200;

/// Everything the decoder keeps, in one place that longjmp leaves intact.
struct jpeg_job {
    jpeg_decompress_struct jpeg{};
    jpeg_error_mgr errors{};
    jpeg_progress_mgr progress{};
    std::jmp_buf jump;
    std::array<char, JMSG_LENGTH_MAX> problem{};
    bool created = false;
    ~jpeg_job() {
        if (created) ::jpeg_destroy_decompress(&jpeg);
    }
};

jpeg_job& job_of(j_common_ptr common) { return *static_cast<jpeg_job*>(common->client_data); }

[[noreturn]] void on_error(j_common_ptr common) {
    jpeg_job& job = job_of(common);
    common->err->format_message(common, job.problem.data());
    std::longjmp(job.jump, 1);
}

/// libjpeg calls missing data a warning and invents gray pixels; an image that is not all there is an error here.
void on_message(j_common_ptr common, int level) {
    if (level >= 0) return;
    const int code = common->err->msg_code;
    if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE) on_error(common);
}

void on_progress(j_common_ptr common) {
    jpeg_job& job = job_of(common);
    if (job.jpeg.input_scan_number <= most_scans) return;
    std::snprintf(job.problem.data(), job.problem.size(), "it has more than %d scans", most_scans);
    std::longjmp(job.jump, 1);
}

/// Reads up to the pixels; asks for gray, RGB, or CMYK where only that is on offer.
bool read_header(jpeg_job& job, byte_view bytes) {
    if (setjmp(job.jump) != 0) return false;
    job.jpeg.err = ::jpeg_std_error(&job.errors);
    job.errors.error_exit = on_error;
    job.errors.emit_message = on_message;
    job.jpeg.client_data = &job;
    jpeg_create_decompress(&job.jpeg);
    job.created = true;
    job.progress.progress_monitor = on_progress;
    job.jpeg.progress = &job.progress;
    ::jpeg_mem_src(&job.jpeg, reinterpret_cast<const unsigned char*>(bytes.data()),
                   static_cast<unsigned long>(bytes.size()));
    ::jpeg_read_header(&job.jpeg, TRUE);
    const J_COLOR_SPACE space = job.jpeg.jpeg_color_space;
    job.jpeg.out_color_space = space == JCS_GRAYSCALE                   ? JCS_GRAYSCALE
                               : space == JCS_CMYK || space == JCS_YCCK ? JCS_CMYK
                                                                        : JCS_RGB;
    return true;
}

using row_converter = void (*)(const JSAMPLE* row, float* to, std::size_t width);

constexpr float scale = 1.0f / 255.0f;

template <int channels>
void convert_row(const JSAMPLE* row, float* to, std::size_t width) {
    for (std::size_t i = 0; i < width * channels; ++i) to[i] = static_cast<float>(row[i]) * scale;
}

/// Ink to light. Adobe's files hold the light that each ink leaves (255: no ink), others the ink itself.
template <bool adobe>
void convert_cmyk_row(const JSAMPLE* row, float* to, std::size_t width) {
    const auto light = [](JSAMPLE value) { return static_cast<float>(adobe ? value : 255 - value) * scale; };
    for (std::size_t x = 0; x < width; ++x)
        for (std::size_t c = 0; c < 3; ++c) to[3 * x + c] = light(row[4 * x + c]) * light(row[4 * x + 3]);
}

row_converter converter_for(const jpeg_job& job) {
    if (job.jpeg.out_color_space == JCS_GRAYSCALE) return convert_row<1>;
    if (job.jpeg.out_color_space == JCS_RGB) return convert_row<3>;
    return job.jpeg.saw_Adobe_marker ? convert_cmyk_row<true> : convert_cmyk_row<false>;
}

bool read_pixels(jpeg_job& job, JSAMPLE* row, float* to, std::size_t row_values) {
    if (setjmp(job.jump) != 0) return false;
    ::jpeg_start_decompress(&job.jpeg);
    const row_converter convert = converter_for(job);
    while (job.jpeg.output_scanline < job.jpeg.output_height) {
        float* const line = to + job.jpeg.output_scanline * row_values;
        if (::jpeg_read_scanlines(&job.jpeg, &row, 1) == 1) convert(row, line, job.jpeg.output_width);
    }
    ::jpeg_finish_decompress(&job.jpeg);
    return true;
}

}  // namespace

bool is_jpeg(byte_view bytes) { return text_of(bytes).starts_with("\xff\xd8\xff"); }

tensor parse_jpeg(byte_view bytes, std::string_view what) {
    jpeg_job job;
    const auto fail = [&] { throw error(fmt::format("{}: is not a valid JPEG: {}", what, job.problem.data())); };
    if (!read_header(job, bytes)) fail();
    // A blank block of 64 pixels takes at least one bit.
    expect_plausible_size(job.jpeg.image_width, job.jpeg.image_height, bytes.size(), 64 * 8, what);
    const std::size_t height = job.jpeg.image_height, width = job.jpeg.image_width;
    const std::size_t colours = job.jpeg.out_color_space == JCS_GRAYSCALE ? 1 : 3;
    tensor image{
        {static_cast<std::int64_t>(height), static_cast<std::int64_t>(width), static_cast<std::int64_t>(colours)}, {}};
    image.values.resize(height * width * colours);
    std::vector<JSAMPLE> row(width * 4);
    if (!read_pixels(job, row.data(), image.values.data(), width * colours)) fail();
    return image;
}

}  // namespace kiln
