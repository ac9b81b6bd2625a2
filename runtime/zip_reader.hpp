// zip_reader: the entries of a zip archive, stored or deflated, zip64 or not, with or without data descriptors.
//
// The central directory is what counts (as for Python's zipfile); each entry's local header must agree with it.
// Refused: encrypted and split archives, other compression methods, two entries of one name, entries that overlap (as
// in zip bombs), anything out of range. Messages are kiln::error and start with the archive's name.
#pragma once

#include <cstdint>
#include <kiln/runtime/bytes.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

struct zip_entry {
    std::string name;  // any bytes, as stored
    bool deflated = false;
    std::uint32_t crc = 0;
    std::uint64_t size = 0;  // once decompressed, as declared
    byte_view stored;        // as the archive holds it
};

/// In the order of the directory. Decompresses nothing.
std::vector<zip_entry> list_zip(byte_view archive, std::string_view what);

/// The entry's content, checked against its size and CRC-32: a view of the archive, or of `storage` when it had to be
/// decompressed.
byte_view extract(const zip_entry& entry, std::vector<std::byte>& storage, std::string_view what);

}  // namespace kiln
