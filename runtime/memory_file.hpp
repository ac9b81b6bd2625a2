#pragma once

#include <kiln/runtime/bytes.hpp>
#include <string>

namespace kiln {

/// Bytes in memory under a path, for libraries that read nothing else. The path means this file in this process alone,
/// for as long as the object lives; no disk is involved.
class memory_file {
public:
    /// Throws kiln::error when the machine has no room for `bytes`. `name` appears in /proc only.
    memory_file(const std::string& name, byte_view bytes);
    ~memory_file();
    memory_file(const memory_file&) = delete;
    memory_file& operator=(const memory_file&) = delete;

    std::string path() const;

private:
    int descriptor_;
};

}  // namespace kiln
