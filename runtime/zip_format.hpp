// zip_format: the records of a zip archive (PKWARE APPNOTE 6.3) that its reader and writer share: signatures and sizes
// of the fixed part of each.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kiln::zip {

inline constexpr std::uint32_t local_signature = 0x04034b50;
inline constexpr std::uint32_t central_signature = 0x02014b50;
inline constexpr std::uint32_t end_signature = 0x06054b50;
inline constexpr std::uint32_t end64_signature = 0x06064b50;
inline constexpr std::uint32_t locator64_signature = 0x07064b50;

inline constexpr std::size_t local_size = 30;
inline constexpr std::size_t central_size = 46;
inline constexpr std::size_t end_size = 22;
inline constexpr std::size_t end64_size = 56;
inline constexpr std::size_t locator64_size = 20;

inline constexpr std::uint16_t flag_encrypted = 1;
inline constexpr std::uint16_t flag_utf8 = 1 << 11;

inline constexpr std::uint16_t method_stored = 0;
inline constexpr std::uint16_t method_deflate = 8;

}  // namespace kiln::zip
