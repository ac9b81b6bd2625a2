// What tells one state of a file from another without reading it: size and time of modification.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace kiln::frontend {

struct file_stamp {
    std::filesystem::path path;
    std::uint64_t size = 0;
    std::int64_t modified = -1;  // nanoseconds; -1: there is no such file
    friend bool operator==(const file_stamp&, const file_stamp&) = default;

    /// "SIZE MODIFIED PATH", one line without its end.
    std::string text() const;
};

/// Follows links. A file that cannot be looked at has the stamp of none.
file_stamp stamp_of(const std::filesystem::path& path);

/// The inverse of text(); throws kiln::error.
file_stamp parse_stamp(const std::string& line);

}  // namespace kiln::frontend
