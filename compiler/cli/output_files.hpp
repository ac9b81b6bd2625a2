// Several files that appear together or not at all: each is written in full under a temporary name, and only when the
// last is complete do they get their own.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <vector>

#include <kiln/runtime/atomic_file.hpp>

namespace kiln::cli {

class output_files {
public:
    /// Throws kiln::error when the file cannot be written or was added before.
    void add(const std::filesystem::path& path, std::initializer_list<byte_view> parts);
    void add(const std::filesystem::path& path, byte_view bytes) { add(path, {bytes}); }
    void commit();

    struct written {
        std::filesystem::path path;
        std::uint64_t size = 0;
    };
    const std::vector<written>& files() const { return files_; }

private:
    std::vector<std::unique_ptr<atomic_file>> open_;
    std::vector<written> files_;
};

}  // namespace kiln::cli
