// tensor_file: tensors by name in a file whose extension says its format: .safetensors, .npz, or .npy for a single
// tensor, which is named after the file without its extension.
#pragma once

#include <filesystem>
#include <kiln/runtime/tensor.hpp>

namespace kiln {

/// Whether the extension is one of these.
bool holds_tensors(const std::filesystem::path& file);

/// Throws kiln::error naming the file, the tensor, what was expected and what was found.
tensor_map read_tensors(const std::filesystem::path& path);

/// What the file holds, by its own order. Throws the same errors.
std::vector<tensor_entry> list_tensors(const std::filesystem::path& path);

/// The file is complete or, when kiln::error is thrown, left as it was.
void write_tensors(const std::filesystem::path& path, const tensor_map& tensors);

}  // namespace kiln
