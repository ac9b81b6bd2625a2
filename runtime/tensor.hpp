// tensor: a dense float32 array with its shape, in row-major order (last extent contiguous), owned by value.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

struct tensor {
    std::vector<std::int64_t> shape;  // empty: a scalar
    std::vector<float> values;        // as many as the product of shape
};

/// Tensors by name, as weight files hold them.
using tensor_map = std::map<std::string, tensor, std::less<>>;

/// "224x224x3"; "scalar" for an empty shape.
std::string shape_text(const std::vector<std::int64_t>& shape);

/// The product of the extents (1 for a scalar). Empty when an extent is negative or the product of the non-zero ones
/// passes 2^53, beyond what any memory holds, so that callers may multiply it by an element's size without overflow.
std::optional<std::int64_t> element_count(const std::vector<std::int64_t>& shape);

/// Throws kiln::error naming `what` unless the tensor holds as many values as its shape says.
void expect_consistent(const tensor& value, std::string_view what);

}  // namespace kiln
