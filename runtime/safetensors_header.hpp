// safetensors_header: the JSON header of a safetensors file, as written there and not yet checked against its data.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace kiln {

struct safetensors_entry {
    std::string name;
    std::string dtype;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;  // bytes from the start of the data
};

/// Texts by name.
using text_map = std::map<std::string, std::string, std::less<>>;

struct safetensors_header {
    std::vector<safetensors_entry> entries;
    text_map metadata;
};

/// Reads {"NAME": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ..., "__metadata__": {"KEY": "TEXT"}}.
/// Takes memory in proportion to the text, however it is nested. Throws kiln::error starting with `what` when the text
/// is anything else.
safetensors_header parse_safetensors_header(std::string_view text, std::string_view what);

/// The inverse, padded with spaces to a multiple of 8 bytes. Requires names and texts in UTF-8.
std::string format_safetensors_header(const safetensors_header& header);

}  // namespace kiln
