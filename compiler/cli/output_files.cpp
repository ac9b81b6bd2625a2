#include <kiln/compiler/cli/output_files.hpp>

#include <fmt/format.h>

#include <kiln/runtime/error.hpp>

namespace kiln::cli {

void output_files::add(const std::filesystem::path& path, std::initializer_list<byte_view> parts) {
    for (const written& earlier : files_)
        if (earlier.path == path)
            throw error(
                fmt::format("two outputs would both be written to {}: choose another name with -o", path.string()));
    auto file = std::make_unique<atomic_file>(path);
    for (const byte_view& bytes : parts) file->write(bytes);
    files_.push_back({path, file->size()});
    open_.push_back(std::move(file));
}

void output_files::commit() {
    for (const auto& file : open_) file->commit();
    open_.clear();
}

}  // namespace kiln::cli
