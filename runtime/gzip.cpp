#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/gzip.hpp>
#include <kiln/runtime/inflate.hpp>

namespace kiln {
namespace {

constexpr std::size_t fixed_size = 10, trailer_size = 8;

enum flag : std::uint8_t { header_crc = 2, extra = 4, name = 8, comment = 16, reserved = 0xe0 };

/// Where the deflate stream begins.
std::size_t header_size(byte_view file, std::string_view what) {
    const auto truncated = [&] { return error(fmt::format("{}: ends within its gzip header", what)); };
    if (file.size() < fixed_size + trailer_size) throw truncated();
    const auto flags = static_cast<std::uint8_t>(file[3]);
    if (static_cast<int>(file[2]) != 8 || (flags & reserved) != 0)
        throw error(fmt::format("{}: is compressed in a way that gzip does not know", what));
    std::size_t at = fixed_size;
    if ((flags & extra) != 0) at += 2 + load_little<std::uint16_t>(file, at);
    for (const flag text : {name, comment}) {
        if ((flags & text) == 0) continue;
        if (at >= file.size()) throw truncated();
        const byte_view rest = file.subspan(at);
        const auto end = std::ranges::find(rest, std::byte{0});
        at += static_cast<std::size_t>(end - rest.begin()) + 1;
    }
    if ((flags & header_crc) != 0) at += 2;
    if (at + trailer_size > file.size()) throw truncated();
    return at;
}

}  // namespace

bool is_gzip(byte_view file) { return file.size() >= 2 && file[0] == std::byte{0x1f} && file[1] == std::byte{0x8b}; }

std::vector<std::byte> gunzip(byte_view file, std::string_view what) {
    if (!is_gzip(file)) throw error(fmt::format("{}: is not a gzip file", what));
    const std::size_t begin = header_size(file, what), end = file.size() - trailer_size;
    const auto crc = load_little<std::uint32_t>(file, end), size = load_little<std::uint32_t>(file, end + 4);
    if (size > (std::uint64_t{64} << 20) + 32 * std::uint64_t{file.size()})
        throw error(fmt::format(
            "{}: inflates to {} bytes, more than a file of this size may; if it is genuine, unpack it with gunzip",
            what, size));
    std::vector<std::byte> content = inflate(file.subspan(begin, end - begin), size, what);
    if (::crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()) != crc)
        throw error(fmt::format("{}: is damaged: its CRC-32 is not that of its content", what));
    return content;
}

}  // namespace kiln
