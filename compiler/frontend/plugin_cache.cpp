#include <kiln/compiler/frontend/plugin_cache.hpp>

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <sstream>

#include <kiln/compiler/build/kernel_cache.hpp>
#include <kiln/compiler/frontend/file_stamp.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/mapped_file.hpp>

namespace kiln::frontend {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_entries = 128;
constexpr std::string_view magic = "kilnplug";

/// What ends an entry: the size of the stamps before it, a checksum of everything before it, the magic.
struct trailer {
    std::uint64_t stamps_size, checksum;
    char magic[8];
};

/// The sources an entry was built from, if it is whole and they are as they were.
std::optional<std::vector<fs::path>> unchanged_sources(byte_view entry) {
    if (entry.size() < sizeof(trailer)) return std::nullopt;
    trailer end;
    const byte_view body = entry.first(entry.size() - sizeof end);
    std::memcpy(&end, entry.data() + body.size(), sizeof end);
    if (std::string_view(end.magic, sizeof end.magic) != magic || end.stamps_size > body.size() ||
        XXH64(body.data(), body.size(), 0) != end.checksum)
        return std::nullopt;
    std::istringstream lines(std::string(text_of(body.last(end.stamps_size))));
    std::vector<fs::path> sources;
    for (std::string line; std::getline(lines, line);) {
        const file_stamp then = parse_stamp(line);
        if (stamp_of(then.path) != then) return std::nullopt;
        sources.push_back(then.path);
    }
    return sources;
}

void drop_oldest(const fs::path& folder) {
    std::vector<std::pair<fs::file_time_type, fs::path>> entries;
    std::error_code ignored;
    for (const fs::directory_entry& e : fs::directory_iterator(folder, ignored))
        if (e.path().extension() == ".so") entries.emplace_back(e.last_write_time(ignored), e.path());
    if (entries.size() <= most_entries) return;
    std::ranges::sort(entries);
    entries.resize(entries.size() - most_entries);
    for (const auto& [time, path] : entries) fs::remove(path, ignored);
}

}  // namespace

plugin_cache::plugin_cache(const std::string& folder, bool enabled) {
    if (!enabled) return;
    const fs::path base = folder.empty() ? compiler::default_cache_folder() : fs::path(folder);
    if (!base.empty()) folder_ = base / "plugins";
}

fs::path plugin_cache::entry(const std::string& identity) const {
    return folder_ / (compiler::hash_of(identity) + ".so");
}

std::optional<plugin_file> plugin_cache::find(const std::string& identity) const {
    if (folder_.empty() || !fs::exists(entry(identity))) return std::nullopt;
    try {
        const mapped_file file(entry(identity));
        auto sources = unchanged_sources(file.bytes());
        if (!sources) return std::nullopt;
        return plugin_file{entry(identity), std::move(*sources), true, false};
    } catch (const error&) {
        return std::nullopt;  // unreadable or damaged: built again
    }
}

std::optional<plugin_file> plugin_cache::store(const std::string& identity, const fs::path& object,
                                               const std::vector<fs::path>& sources) const {
    if (folder_.empty()) return std::nullopt;
    try {
        fs::create_directories(folder_);
        const mapped_file built(object);
        std::vector<std::byte> body(built.bytes().begin(), built.bytes().end());
        std::string stamps;
        for (const fs::path& source : sources) stamps += stamp_of(source).text() + "\n";
        const byte_view stamp_bytes = bytes_of(stamps);
        body.insert(body.end(), stamp_bytes.begin(), stamp_bytes.end());
        trailer end{stamps.size(), XXH64(body.data(), body.size(), 0), {}};
        std::ranges::copy(magic, end.magic);
        const byte_view end_bytes = std::as_bytes(std::span(&end, 1));
        body.insert(body.end(), end_bytes.begin(), end_bytes.end());
        write_file(entry(identity), body);
        drop_oldest(folder_);
        return plugin_file{entry(identity), sources, false, false};
    } catch (const error&) {
        return std::nullopt;
    } catch (const fs::filesystem_error&) {
        return std::nullopt;
    }
}

}  // namespace kiln::frontend
