// gzip: a file compressed by gzip (RFC 1952), undone in memory.
#pragma once

#include <cstdint>
#include <kiln/runtime/bytes.hpp>
#include <string_view>
#include <vector>

namespace kiln {

bool is_gzip(byte_view file);

/// The content of a file of one member, checked against its size and CRC-32. Like .npz archives it may inflate to at
/// most 64 MiB + 32 times its size, so that a small file cannot fill the memory. Throws kiln::error starting with
/// `what`.
std::vector<std::byte> gunzip(byte_view file, std::string_view what);

}  // namespace kiln
