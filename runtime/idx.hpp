// idx: the format of MNIST and its successors for one array (LeCun, "The MNIST database"): two zero bytes, the type of
// the elements, the number of axes, their extents as big-endian 32-bit integers, then the elements, big-endian, the
// last axis contiguous. Plain, or compressed by gzip as it is distributed.
//
// Readers trust nothing: extents and size must agree before anything is allocated for the array.
#pragma once

#include <cstdint>
#include <filesystem>
#include <kiln/runtime/bytes.hpp>
#include <string_view>
#include <vector>

namespace kiln {

/// Unsigned bytes, which images and labels are, stay bytes: `levels`. Other types become `values`.
struct idx_array {
    std::vector<std::int64_t> shape;
    std::vector<std::uint8_t> levels;
    std::vector<float> values;
};

/// `what` names the file in the message of the kiln::error thrown when the bytes are not one complete array.
idx_array parse_idx(byte_view file, std::string_view what);
idx_array read_idx(const std::filesystem::path& path);

}  // namespace kiln
