// The values of an ONNX tensor in one of Kiln's element types: narrower floats and integers are widened.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include <kiln/compiler/onnx/proto.hpp>
#include <kiln/runtime/element_format.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {

struct constant {
    std::shared_ptr<const tensor> value;

    const std::vector<std::int64_t>& shape() const { return value->shape; }
    bool integral() const { return value->type != element::float32; }
};

/// A constant of whole numbers of that shape.
constant whole_numbers(std::vector<std::int64_t> shape, std::vector<std::int64_t> values);

/// The element type that holds values of an ONNX type; nothing where none does.
std::optional<element> element_of(data_type type);

/// How the type's elements lie in a file; null for what is no number.
const element_format* format_of(data_type type);

/// Reads inline data, or external data from a file in or below `folder` (the model's). Throws kiln::error: a type
/// Kiln has no element type for, data that does not fill the shape, a path that leaves the folder.
constant read_constant(const tensor_proto& t, const std::filesystem::path& folder);

}  // namespace kiln::onnx
