#include <fmt/format.h>

#include <algorithm>
#include <kiln/runtime/element_format.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/gzip.hpp>
#include <kiln/runtime/idx.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln {
namespace {

struct idx_type {
    int code;
    std::string_view npy;  // numpy's name of the same type
};

constexpr idx_type types[] = {{0x08, "u1"}, {0x09, "i1"}, {0x0b, "i2"}, {0x0c, "i4"}, {0x0d, "f4"}, {0x0e, "f8"}};
constexpr int unsigned_byte = 0x08;

const element_format& format_of(int code, std::string_view what) {
    for (const idx_type& type : types)
        if (type.code == code) return *find_npy_format(type.npy);
    throw error(
        fmt::format("{}: holds IDX elements of type {:#04x}; supported are 0x08, 0x09 and 0x0b to 0x0e", what, code));
}

std::uint32_t load_big(byte_view bytes, std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint32_t>(bytes[offset + i]);
    return value;
}

std::vector<float> widened(const element_format& format, byte_view data) {
    std::vector<std::byte> turned(data.begin(), data.end());
    for (std::size_t at = 0; at < turned.size(); at += format.bytes)
        std::reverse(turned.begin() + static_cast<std::ptrdiff_t>(at),
                     turned.begin() + static_cast<std::ptrdiff_t>(at + format.bytes));
    return widen(format, turned);
}

idx_array parse_plain(byte_view file, std::string_view what) {
    if (file.size() < 4 || file[0] != std::byte{0} || file[1] != std::byte{0})
        throw error(fmt::format("{}: is not an IDX file", what));
    const int code = static_cast<int>(file[2]);
    const element_format& format = format_of(code, what);
    const auto rank = static_cast<std::size_t>(file[3]);
    if (file.size() < 4 + 4 * rank) throw error(fmt::format("{}: ends within its {} extents", what, rank));
    idx_array array;
    for (std::size_t axis = 0; axis < rank; ++axis) array.shape.push_back(load_big(file, 4 + 4 * axis));
    const auto count = element_count(array.shape);
    if (!count) throw error(fmt::format("{}: shape {} is too large", what, shape_text(array.shape)));
    const byte_view data = file.subspan(4 + 4 * rank);
    const std::uint64_t expected = static_cast<std::uint64_t>(*count) * format.bytes;
    if (expected != data.size())
        throw error(fmt::format("{}: shape {} of {} needs {} bytes of data, found {}", what, shape_text(array.shape),
                                format.name, expected, data.size()));
    if (code == unsigned_byte) {
        array.levels.resize(data.size());
        if (!data.empty()) std::memcpy(array.levels.data(), data.data(), data.size());
    } else {
        array.values = widened(format, data);
    }
    return array;
}

}  // namespace

idx_array parse_idx(byte_view file, std::string_view what) {
    return is_gzip(file) ? parse_plain(gunzip(file, what), what) : parse_plain(file, what);
}

idx_array read_idx(const std::filesystem::path& path) { return parse_idx(mapped_file(path).bytes(), path.string()); }

}  // namespace kiln
