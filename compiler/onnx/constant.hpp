// The values of an ONNX tensor: as float32, and exactly where they are integers (shapes are).
#pragma once

#include <filesystem>
#include <memory>

#include <kiln/compiler/onnx/proto.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::onnx {

struct constant {
    std::shared_ptr<const tensor> value;
    std::vector<std::int64_t> integers;  // the same values, when `integral`
    bool integral = false;

    const std::vector<std::int64_t>& shape() const { return value->shape; }
};

/// A constant of whole numbers of that shape.
constant whole_numbers(std::vector<std::int64_t> shape, std::vector<std::int64_t> values);

/// Reads inline data, or external data from a file in or below `folder` (the model's). Throws kiln::error: a type
/// Kiln has no float32 for, data that does not fill the shape, a path that leaves the folder.
constant read_constant(const tensor_proto& t, const std::filesystem::path& folder);

}  // namespace kiln::onnx
