#include <kiln/compiler/frontend/temporary_folder.hpp>

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>

#include <kiln/runtime/error.hpp>

namespace kiln::frontend {
namespace fs = std::filesystem;

temporary_folder::temporary_folder(const std::string& stem) {
    std::error_code none;
    const fs::path parent = fs::temp_directory_path(none);
    std::string pattern = ((none ? fs::path("/tmp") : parent) / (stem + "-XXXXXX")).string();
    if (!mkdtemp(pattern.data()))
        throw error(fmt::format("cannot make a temporary folder {}: {}", pattern, std::strerror(errno)));
    path_ = pattern;
}

temporary_folder::~temporary_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

fs::path temporary_folder::keep(const fs::path& file) const {
    fs::path beside = path_;
    beside += fmt::format("-{}", file.filename().string());
    fs::rename(file, beside);
    return beside;
}

}  // namespace kiln::frontend
