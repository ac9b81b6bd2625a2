// zip_writer: a zip archive of uncompressed entries, streamed to an atomic_file. Dates are fixed (1 January 1980), so
// that equal contents make equal archives.
#pragma once

#include <cstdint>
#include <kiln/runtime/atomic_file.hpp>
#include <span>
#include <string>
#include <vector>

namespace kiln {

class zip_writer {
public:
    /// Throws kiln::error naming the path and the reason, as do the members below.
    explicit zip_writer(const std::filesystem::path& path);

    /// An entry whose content is `parts` one after the other. The name must be UTF-8 without NUL.
    void add(const std::string& name, std::span<const byte_view> parts);

    /// Writes the directory and makes the archive visible. At most once, last.
    void commit();

private:
    void expect_room(std::uint64_t more) const;

    std::filesystem::path path_;
    atomic_file file_;
    std::vector<std::byte> directory_;
    std::uint64_t entries_ = 0;
};

}  // namespace kiln
