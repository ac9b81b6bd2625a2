// atomic_file: a file appears complete or not at all.
//
// The bytes go to a hidden temporary beside the target; commit() flushes it to the disk and renames it over the target.
// Whatever ends the writing before that (an error, an exception, no commit) removes the temporary and leaves the target
// as it was. A target that is a symbolic link is written through; one that is a directory, a device or a file the user
// may not write is refused. A replaced file keeps its permissions, a new one gets the process's usual ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <kiln/runtime/bytes.hpp>

namespace kiln {

class atomic_file {
public:
    /// Creates the temporary. Throws kiln::error naming the path and the reason, as do the members below.
    explicit atomic_file(const std::filesystem::path& path);
    ~atomic_file();
    atomic_file(const atomic_file&) = delete;
    atomic_file& operator=(const atomic_file&) = delete;

    /// Appends. Not after commit().
    void write(byte_view bytes);

    /// How many bytes were written so far.
    std::uint64_t size() const { return size_; }

    /// Makes the file visible under its name. At most once.
    void commit();

private:
    std::filesystem::path path_;       // as the user wrote it, for messages
    std::filesystem::path target_;     // where links lead
    std::filesystem::path temporary_;  // empty once renamed
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
};

/// The whole file in one call.
void write_file(const std::filesystem::path& path, byte_view bytes);

}  // namespace kiln
