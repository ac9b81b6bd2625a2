// bytes: views of memory as files store it, and little-endian integers in them.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace kiln {

// Weight files are little-endian, and so is every target Kiln runs on: numbers are copied, never swapped.
static_assert(std::endian::native == std::endian::little);

using byte_view = std::span<const std::byte>;

/// The integer stored at `offset`, aligned or not. Requires offset + sizeof(T) <= bytes.size().
template <std::unsigned_integral T>
T load_little(byte_view bytes, std::size_t offset) {
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

/// Appends the integer's bytes, least significant first.
template <std::unsigned_integral T>
void append_little(std::vector<std::byte>& out, T value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    out.insert(out.end(), bytes.begin(), bytes.end());
}

inline byte_view bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

inline std::string_view text_of(byte_view bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace kiln
