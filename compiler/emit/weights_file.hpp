// The side file of a model compiled with its weights outside the object. The model's header maps it into memory.
//
//   bytes  0 to  7  "KILNWTS1"
//   bytes  8 to 23  the hash of the plan's weight layout (weights_layout_hash)
//   bytes 24 to 31  the size of the block, little-endian
//   bytes 32 to 63  zero
//   byte  64 on     the block of packed weights: 64-byte aligned wherever the file is mapped
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <kiln/compiler/plan/plan.hpp>
#include <kiln/runtime/bytes.hpp>

namespace kiln::compiler {

inline constexpr std::size_t weights_file_header_bytes = 64;

/// Differs between plans whose packed blocks are laid out differently: names, shapes, packing, places. Values do not
/// count, so weights can be exchanged for others of the same network.
std::array<std::uint8_t, 16> weights_layout_hash(const plan::plan& p);

/// What comes before the block in the side file.
std::array<std::uint8_t, weights_file_header_bytes> weights_file_header(const plan::plan& p);

/// Complete or not at all. Requires `block` to have p.weights_bytes bytes. Throws kiln::error.
void write_weights_file(const std::filesystem::path& path, const plan::plan& p, byte_view block);

}  // namespace kiln::compiler
