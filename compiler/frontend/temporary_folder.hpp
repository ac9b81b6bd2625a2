// A folder of one's own under $TMPDIR that goes, with all in it, when its owner does.
#pragma once

#include <filesystem>
#include <string>

namespace kiln::frontend {

class temporary_folder {
public:
    /// `stem` starts its name. Throws kiln::error.
    explicit temporary_folder(const std::string& stem);
    ~temporary_folder();
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    /// Moves a file of this folder beside it, where it stays; returns its new path.
    std::filesystem::path keep(const std::filesystem::path& file) const;

private:
    std::filesystem::path path_;
};

}  // namespace kiln::frontend
