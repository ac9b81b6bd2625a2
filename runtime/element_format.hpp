// element_format: how weight files store a tensor's numbers, and how each becomes float32. One table serves all
// formats.
#pragma once

#include <cstddef>
#include <kiln/runtime/bytes.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

struct element_format {
    std::string_view name;         // "float16"
    std::string_view npy;          // numpy's kind and size ("f4"); empty where numpy has no such type
    std::string_view safetensors;  // "F32"
    std::size_t bytes;             // per element
    /// Converts `count` little-endian elements, aligned or not. float64 and 64-bit integers round to the nearest
    /// float32, values beyond its range become infinite; a bool is 1 when any bit is set.
    void (*widen)(const std::byte* from, float* to, std::size_t count);
};

/// The row of the table with that name; null when there is none.
const element_format* find_npy_format(std::string_view name);
const element_format* find_safetensors_format(std::string_view name);

/// "f2, f4, f8, ..." for messages.
std::string npy_format_names();
std::string safetensors_format_names();

/// All elements of `data` as float32. Requires data.size() to be a multiple of format.bytes.
std::vector<float> widen(const element_format& format, byte_view data);

}  // namespace kiln
