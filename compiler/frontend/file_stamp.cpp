#include <kiln/compiler/frontend/file_stamp.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <sstream>

#include <kiln/runtime/error.hpp>

namespace kiln::frontend {

std::string file_stamp::text() const { return fmt::format("{} {} {}", size, modified, path.string()); }

file_stamp stamp_of(const std::filesystem::path& path) {
    struct stat s {};
    if (stat(path.c_str(), &s) != 0) return {path, 0, -1};
    return {path, static_cast<std::uint64_t>(s.st_size),
            static_cast<std::int64_t>(s.st_mtim.tv_sec) * 1'000'000'000 + s.st_mtim.tv_nsec};
}

file_stamp parse_stamp(const std::string& line) {
    std::istringstream in(line);
    file_stamp stamp;
    std::string path;
    if (!(in >> stamp.size >> stamp.modified) || in.get() != ' ' || !std::getline(in, path))
        throw error(fmt::format("'{}' is no file stamp", line));
    stamp.path = path;
    return stamp;
}

}  // namespace kiln::frontend
