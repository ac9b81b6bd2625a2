// idx_samples: IDX files, plain and compressed.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "samples.hpp"

namespace kiln::test {

/// An IDX file of that type and those extents, its elements in hexadecimal digits.
inline byte_string make_idx(std::uint8_t type, const std::vector<std::uint32_t>& extents, std::string_view elements) {
    byte_string file{std::byte{0}, std::byte{0}, std::byte{type}, static_cast<std::byte>(extents.size())};
    for (const std::uint32_t extent : extents)
        for (int shift = 24; shift >= 0; shift -= 8) file.push_back(static_cast<std::byte>(extent >> shift));
    const byte_string data = from_hex(elements);
    file.insert(file.end(), data.begin(), data.end());
    return file;
}

/// A gzip file of one member with these flags of its header: 2 a checksum, 4 extra bytes, 8 a name, 16 a comment.
inline byte_string make_gzip(byte_view content, int flags) {
    z_stream state{};
    ::deflateInit2(&state, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
    std::vector<std::byte> stream(::deflateBound(&state, content.size()));
    state.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(content.data()));
    state.avail_in = static_cast<uInt>(content.size());
    state.next_out = reinterpret_cast<Bytef*>(stream.data());
    state.avail_out = static_cast<uInt>(stream.size());
    ::deflate(&state, Z_FINISH);
    stream.resize(state.total_out);
    ::deflateEnd(&state);
    byte_string file = from_hex("1f8b0800000000000003");
    file[3] = static_cast<std::byte>(flags);
    const auto append = [&](std::string_view bytes) {
        const byte_string added = to_bytes(bytes);
        file.insert(file.end(), added.begin(), added.end());
    };
    if (flags & 4) append(std::string_view("\x03\0abc", 5));
    if (flags & 8) append(std::string_view("name\0", 5));
    if (flags & 16) append(std::string_view("comment\0", 8));
    if (flags & 2) append("hc");
    file.insert(file.end(), stream.begin(), stream.end());
    append_little(
        file, static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size())));
    append_little(file, static_cast<std::uint32_t>(content.size()));
    return file;
}

}  // namespace kiln::test
