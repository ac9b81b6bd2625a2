// safetensors: Hugging Face's weight format: 8 bytes of header size, a JSON header, then the tensors' data without
// gaps. Reads F32 F64 F16 BF16, signed and unsigned integers of 8 to 64 bits, BOOL, all as float32; writes F32, I64,
// I32 or BOOL, whatever the tensor is of.
//
// Readers trust nothing: shapes, types and offsets are checked against each other and against the file's size before
// anything is allocated; the data must be covered exactly once; names are unique.
#pragma once

#include <filesystem>
#include <kiln/runtime/bytes.hpp>
#include <kiln/runtime/safetensors_header.hpp>
#include <kiln/runtime/tensor.hpp>
#include <string_view>

namespace kiln {

/// `what` names the file in the message of the kiln::error thrown when the bytes are not a valid safetensors file.
tensor_map parse_safetensors(byte_view bytes, std::string_view what);

tensor_map read_safetensors(const std::filesystem::path& path);

/// The same with what the file says beside its tensors, "__metadata__" in its header. Here I64 and I32 stay what they
/// are, so that what was written comes back bit for bit.
struct safetensors_content {
    tensor_map tensors;
    text_map metadata;
};
safetensors_content parse_safetensors_content(byte_view bytes, std::string_view what);
safetensors_content read_safetensors_content(const std::filesystem::path& path);

/// What read_safetensors would read, after the same checks, in the order of the header.
std::vector<tensor_entry> list_safetensors(const std::filesystem::path& path);

/// Throws kiln::error when a name or text is not UTF-8, or a name is "__metadata__", which the format keeps for itself.
void write_safetensors(const std::filesystem::path& path, const tensor_map& tensors);
void write_safetensors(const std::filesystem::path& path, const tensor_map& tensors, const text_map& metadata);

}  // namespace kiln
