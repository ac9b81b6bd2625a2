// inflate: raw deflate streams (RFC 1951), as zip archives hold them, undone within a known size.
#pragma once

#include <cstdint>
#include <kiln/runtime/bytes.hpp>
#include <string_view>
#include <vector>

namespace kiln {

/// deflate's best: no stream of n bytes inflates to more than 1032 n.
inline constexpr std::uint64_t largest_deflate_ratio = 1032;

/// The stream's `size` bytes. Memory grows with what the stream really yields, up to `size`. Throws kiln::error
/// starting with `what` when the stream is damaged, or yields more or less, or bytes follow it.
std::vector<std::byte> inflate(byte_view stream, std::uint64_t size, std::string_view what);

}  // namespace kiln
