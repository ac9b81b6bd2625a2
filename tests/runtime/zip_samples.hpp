// zip_samples: zip archives of every kind that Kiln reads but does not write, and of kinds that do not exist.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "samples.hpp"

namespace kiln::test {

struct zip_sample {
    std::string name;
    byte_string content;
    bool deflated = false;
    bool zip64 = false;       // sizes and offset in the extra field
    bool descriptor = false;  // sizes after the data, zero in the local header
    // Lies, told in the directory.
    std::optional<std::uint64_t> declared_size = {};
    std::optional<std::uint64_t> declared_offset = {};
    std::uint16_t flags = 0;
    std::optional<std::uint16_t> method = {};
};

byte_string make_zip(const std::vector<zip_sample>& entries, bool zip64_end = false);

/// An .npy array of that dictionary and data.
byte_string make_npy(std::string_view dictionary, byte_view data, int version = 1);

/// A float32 array in C order of the given shape text, e.g. "(2,)".
byte_string make_npy_floats(std::string_view shape, const std::vector<float>& values);

}  // namespace kiln::test
