// mapped_file: a regular file's bytes, read-only in memory without copying them.
//
// Directories, devices, FIFOs and sockets are refused, without blocking on them. The bytes are the file's own: whoever
// shortens the file while it is mapped takes them away (a bus error, as with every mapping). Kiln's own writers never
// do: they replace files (atomic_file).
#pragma once

#include <filesystem>
#include <kiln/runtime/bytes.hpp>

namespace kiln {

class mapped_file {
public:
    /// Throws kiln::error naming the path and the reason.
    explicit mapped_file(const std::filesystem::path& path);
    ~mapped_file();
    mapped_file(mapped_file&& other) noexcept;
    mapped_file& operator=(mapped_file&& other) noexcept;

    /// Valid as long as this object, wherever it is moved to.
    byte_view bytes() const { return bytes_; }

private:
    byte_view bytes_;
};

}  // namespace kiln
