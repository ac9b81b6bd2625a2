// tensor: a dense array with its shape, in row-major order (last extent contiguous), owned by value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kiln/dsl/element.hpp>
#include <kiln/runtime/bytes.hpp>

namespace kiln {

/// As many elements as the product of `shape`, in the vector that fits the type.
struct tensor {
    std::vector<std::int64_t> shape;  // empty: a scalar
    std::vector<float> values{};      // float32
    element type = element::float32;
    std::vector<std::int64_t> integers{};  // int64, int32, and boolean as 0 and 1

    std::size_t size() const { return type == element::float32 ? values.size() : integers.size(); }
};

/// A tensor of zeros. `shape` must be one that element_count accepts.
tensor zeros(std::vector<std::int64_t> shape, element type = element::float32);

/// The element as a number, whatever its type.
inline double number_at(const tensor& t, std::size_t i) {
    return t.type == element::float32 ? static_cast<double>(t.values[i]) : static_cast<double>(t.integers[i]);
}

/// What a file says of a tensor in it.
struct tensor_entry {
    std::string name;
    std::string type;  // in the file: "float16"
    std::vector<std::int64_t> shape;
    std::uint64_t bytes = 0;  // in the file
};

/// Tensors by name, as weight files hold them.
using tensor_map = std::map<std::string, tensor, std::less<>>;

/// "224x224x3"; "scalar" for an empty shape. Beyond 16 axes the rest is a number.
std::string shape_text(const std::vector<std::int64_t>& shape);

/// The product of the extents (1 for a scalar). Empty when an extent is negative or the product of the non-zero ones
/// passes 2^53, beyond what any memory holds, so that callers may multiply it by an element's size without overflow.
std::optional<std::int64_t> element_count(const std::vector<std::int64_t>& shape);

/// The same numbers as another type. To whole numbers only what is whole (and, from float32, up to 2^24 in size) is
/// taken, anything else is a kiln::error that names `what`.
tensor converted(const tensor& t, element type, std::string_view what);

/// The elements of a tensor of whole numbers or truth values as they lie in memory, and back. `to` has its shape and
/// type already.
std::vector<std::byte> stored_integers(const tensor& t);
void load_integers(std::span<const std::byte> from, tensor& to);

/// The elements of any tensor as they lie in memory: a view of its floats, or of `storage`, which they are put into.
byte_view stored(const tensor& t, std::vector<std::byte>& storage);

/// Throws kiln::error naming `what` unless the tensor holds as many elements as its shape says.
void expect_consistent(const tensor& value, std::string_view what);

}  // namespace kiln
