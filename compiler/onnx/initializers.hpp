// The weights of an ONNX file as they are in it: its initializers by name, in ONNX's layout, whatever its operators
// are.
#pragma once

#include <filesystem>
#include <vector>

#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {

/// In the file's order. Throws kiln::error naming the file, as does the other.
std::vector<tensor_entry> list_initializers(const std::filesystem::path& file);

/// Floats as float32, whole numbers and truth values in the element type that holds them (constant.hpp).
tensor_map read_initializers(const std::filesystem::path& file);

}  // namespace kiln::onnx
