#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstring>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/image.hpp>
#include <kiln/runtime/image_codec.hpp>
#include <kiln/runtime/inflate.hpp>
#include <new>

namespace kiln {
namespace {

/// Everything the decoder keeps, in one place that longjmp leaves intact.
struct png_job {
    png_structp png = nullptr;
    png_infop info = nullptr;
    byte_view left;
    std::array<char, 160> problem{};
    png_uint_32 width = 0, height = 0;
    int file_channels = 0, file_bits = 0;     // as stored, before palettes are resolved
    int channels = 0, bytes = 0, passes = 0;  // of the rows libpng hands over
    std::size_t row_bytes = 0;
    ~png_job() { ::png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp png, png_const_charp message) {
    auto& job = *static_cast<png_job*>(::png_get_error_ptr(png));
    std::strncpy(job.problem.data(), message, job.problem.size() - 1);
    ::png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep to, png_size_t count) {
    auto& job = *static_cast<png_job*>(::png_get_io_ptr(png));
    if (count > job.left.size()) ::png_error(png, "it ends too early");
    std::memcpy(to, job.left.data(), count);
    job.left = job.left.subspan(count);
}

/// Reads up to the pixels.
bool read_header(png_job& job) {
    if (setjmp(png_jmpbuf(job.png)) != 0) return false;
    ::png_set_read_fn(job.png, &job, on_read);
    ::png_set_user_limits(job.png, 0x7FFFFFFF, 0x7FFFFFFF);  // expect_plausible_size judges, with a better message
    ::png_set_chunk_malloc_max(job.png, 8 << 20);
    ::png_set_chunk_cache_max(job.png, 64);
    ::png_read_info(job.png, job.info);
    job.width = ::png_get_image_width(job.png, job.info);
    job.height = ::png_get_image_height(job.png, job.info);
    job.file_channels = ::png_get_channels(job.png, job.info);
    job.file_bits = ::png_get_bit_depth(job.png, job.info);
    return true;
}

/// Asks for 8 or 16 bits of gray or RGB, with alpha where the image is transparent. libpng allocates its rows here.
bool choose_layout(png_job& job) {
    if (setjmp(png_jmpbuf(job.png)) != 0) return false;
    ::png_set_expand(job.png);
    if (job.file_bits == 16) ::png_set_swap(job.png);
    job.passes = ::png_set_interlace_handling(job.png);
    ::png_read_update_info(job.png, job.info);
    job.channels = ::png_get_channels(job.png, job.info);
    job.bytes = ::png_get_bit_depth(job.png, job.info) / 8;
    job.row_bytes = ::png_get_rowbytes(job.png, job.info);
    return true;
}

/// One row of samples to floats, transparent pixels laid over white.
template <class Sample>
void convert_row(const std::byte* row, float* to, std::size_t width, int channels) {
    constexpr float scale = 1.0f / static_cast<float>(static_cast<Sample>(~Sample{0}));
    const int colours = channels > 2 ? 3 : 1;
    const bool transparent = channels != colours;
    Sample pixel[4];
    for (std::size_t x = 0; x < width; ++x, row += sizeof(Sample) * static_cast<std::size_t>(channels)) {
        std::memcpy(pixel, row, sizeof(Sample) * static_cast<std::size_t>(channels));
        const float alpha = transparent ? static_cast<float>(pixel[colours]) * scale : 1.0f;
        for (int c = 0; c < colours; ++c)
            *to++ = transparent ? static_cast<float>(pixel[c]) * scale * alpha + (1.0f - alpha)
                                : static_cast<float>(pixel[c]) * scale;
    }
}

/// `buffer` holds one row, or the whole image where interlacing needs to come back to it.
bool read_pixels(png_job& job, std::byte* buffer, float* to) {
    if (setjmp(png_jmpbuf(job.png)) != 0) return false;
    const auto convert = job.bytes == 2 ? convert_row<std::uint16_t> : convert_row<std::uint8_t>;
    const std::size_t colours = job.channels > 2 ? 3 : 1;
    for (int pass = 0; pass < job.passes; ++pass)
        for (std::size_t y = 0; y < job.height; ++y) {
            std::byte* row = job.passes > 1 ? buffer + y * job.row_bytes : buffer;
            ::png_read_row(job.png, reinterpret_cast<png_bytep>(row), nullptr);
            if (pass + 1 == job.passes) convert(row, to + y * job.width * colours, job.width, job.channels);
        }
    ::png_read_end(job.png, nullptr);
    return true;
}

}  // namespace

bool is_png(byte_view bytes) { return text_of(bytes).starts_with("\x89PNG\r\n\x1a\n"); }

tensor parse_png(byte_view bytes, std::string_view what) {
    png_job job;
    job.left = bytes;
    const auto fail = [&] { throw error(fmt::format("{}: is not a valid PNG: {}", what, job.problem.data())); };
    job.png = ::png_create_read_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
    if (job.png != nullptr) job.info = ::png_create_info_struct(job.png);
    if (job.info == nullptr) throw std::bad_alloc();
    if (!read_header(job)) fail();
    // Pixels of one bit, deflated as well as can be: the most a byte of any PNG can hold.
    const auto pixel_bits = static_cast<std::uint64_t>(job.file_channels * job.file_bits);
    expect_plausible_size(job.width, job.height, bytes.size(), largest_deflate_ratio * 8 / pixel_bits, what);
    if (!choose_layout(job)) fail();

    const std::int64_t colours = job.channels > 2 ? 3 : 1;
    tensor image{{job.height, job.width, colours}, {}};
    image.values.resize(static_cast<std::size_t>(job.height) * job.width * static_cast<std::size_t>(colours));
    std::vector<std::byte> buffer(job.row_bytes * (job.passes > 1 ? job.height : 1));
    if (!read_pixels(job, buffer.data(), image.values.data())) fail();
    return image;
}

void write_png(const std::filesystem::path& path, const tensor& image) {
    expect_image(image, path.string());
    if (image.shape[2] != 1 && image.shape[2] != 3)
        throw error(fmt::format("{}: a PNG is written from 1 or 3 channels, found shape {}", path.string(),
                                shape_text(image.shape)));
    constexpr std::int64_t longest_side = 1'000'000;  // libpng's own limit
    if (std::max(image.shape[0], image.shape[1]) > longest_side)
        throw error(fmt::format("{}: a PNG's sides are at most {} pixels, found shape {}", path.string(), longest_side,
                                shape_text(image.shape)));
    std::vector<std::uint8_t> levels(image.values.size());
    std::transform(image.values.begin(), image.values.end(), levels.begin(), [](float value) {
        return static_cast<std::uint8_t>(value > 0.0f ? std::min(value, 1.0f) * 255.0f + 0.5f : 0.0f);
    });
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    png.height = static_cast<png_uint_32>(image.shape[0]);
    png.width = static_cast<png_uint_32>(image.shape[1]);
    png.format = image.shape[2] == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    std::vector<std::byte> file(PNG_IMAGE_PNG_SIZE_MAX(png));
    png_alloc_size_t size = file.size();
    if (::png_image_write_to_memory(&png, file.data(), &size, 0, levels.data(), 0, nullptr) == 0)
        throw error(fmt::format("{}: cannot be written as PNG: {}", path.string(), png.message));
    write_file(path, byte_view(file).first(size));
}

}  // namespace kiln
