#define XXH_INLINE_ALL
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <kiln/compiler/build/kernel_cache.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/bytes.hpp>
#include <kiln/runtime/error.hpp>
#include <system_error>
#include <vector>

namespace kiln::compiler {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "KILNKC01";
constexpr std::string_view extension = ".kernel";

/// Before the key and the bytes of every entry.
struct entry_header {
    char magic[8];
    std::uint64_t key_size, bytes_size;
    std::uint64_t checksum_high, checksum_low;  // of the key, then the bytes
};
static_assert(sizeof(entry_header) == 40);

XXH128_hash_t checksum_of(std::string_view key, std::string_view bytes) {
    const XXH128_hash_t first = XXH3_128bits(key.data(), key.size());
    return XXH3_128bits_withSeed(bytes.data(), bytes.size(), first.low64 ^ first.high64);
}

/// The whole regular file, or empty. Read rather than mapped: another process may damage it meanwhile.
std::string contents_of(const fs::path& path) {
    // O_NONBLOCK: a FIFO of that name must not stop the compiler.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return {};
    std::string contents;
    struct stat status;
    if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
        contents.resize(static_cast<std::size_t>(status.st_size));
        std::size_t filled = 0;
        while (filled < contents.size()) {
            const ssize_t got = ::read(descriptor, contents.data() + filled, contents.size() - filled);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) break;
            filled += static_cast<std::size_t>(got);
        }
        contents.resize(filled);
    }
    ::close(descriptor);
    return contents;
}

const char* variable(const char* name) {
    const char* value = std::getenv(name);
    return value && *value ? value : nullptr;
}

bool is_entry(const fs::path& path) { return path.extension() == extension && path.stem().string().size() == 32; }

/// atomic_file's temporaries.
bool is_unfinished(const fs::path& path) {
    return path.filename().string().starts_with(".kiln-") && path.extension() == ".tmp";
}

}  // namespace

std::string hash_of(std::string_view text) {
    const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

fs::path default_cache_folder() {
    if (const char* folder = variable("KILN_CACHE_DIR")) return folder;
    if (const char* folder = variable("XDG_CACHE_HOME")) return fs::path(folder) / "kiln";
    if (const char* folder = variable("HOME")) return fs::path(folder) / ".cache" / "kiln";
    return {};
}

std::uint64_t cache_limit() {
    const char* text = variable("KILN_CACHE_BYTES");
    if (!text) return std::uint64_t{1} << 30;
    const std::string_view digits = text;
    std::uint64_t limit = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), limit);
    if (code != std::errc{} || end != digits.data() + digits.size())
        throw error(fmt::format("the variable KILN_CACHE_BYTES must be a number of bytes, found '{}'", digits));
    return limit;
}

kernel_cache::kernel_cache(fs::path folder) : folder_(std::move(folder)) {
    std::error_code ignored;
    if (!folder_.empty()) fs::create_directories(folder_, ignored);
}

fs::path kernel_cache::path_of(std::string_view key) const { return folder_ / (hash_of(key) + std::string(extension)); }

std::optional<std::string> kernel_cache::find(std::string_view key) const {
    if (folder_.empty()) return std::nullopt;
    const fs::path path = path_of(key);
    std::string contents = contents_of(path);
    entry_header header;
    if (contents.size() < sizeof header) return std::nullopt;
    std::memcpy(&header, contents.data(), sizeof header);
    if (std::string_view(header.magic, sizeof header.magic) != magic || header.key_size != key.size() ||
        contents.size() - sizeof header < key.size() ||
        header.bytes_size != contents.size() - sizeof header - key.size())
        return std::nullopt;
    const auto body = std::string_view(contents).substr(sizeof header);
    const auto checksum = checksum_of(key, body.substr(key.size()));
    if (body.substr(0, key.size()) != key || checksum.high64 != header.checksum_high ||
        checksum.low64 != header.checksum_low)
        return std::nullopt;
    ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
    contents.erase(0, sizeof header + key.size());
    return contents;
}

void kernel_cache::store(std::string_view key, std::string_view bytes) const {
    if (folder_.empty()) return;
    const auto checksum = checksum_of(key, bytes);
    entry_header header{{}, key.size(), bytes.size(), checksum.high64, checksum.low64};
    std::copy(magic.begin(), magic.end(), header.magic);
    try {
        atomic_file file(path_of(key));
        file.write(std::as_bytes(std::span(&header, 1)));
        file.write(bytes_of(key));
        file.write(bytes_of(bytes));
        file.commit();
    } catch (const error&) {
        // No cache is slower, not wrong.
    }
}

void kernel_cache::trim(std::uint64_t most_bytes) const {
    if (folder_.empty()) return;
    struct found {
        fs::path path;
        fs::file_time_type used;
        std::uint64_t size;
    };
    std::vector<found> entries;
    std::uint64_t total = 0;
    std::error_code ignored;
    const auto long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
    for (fs::directory_iterator file(folder_, ignored), end; !ignored && file != end; file.increment(ignored)) {
        // Other processes remove files too: one that is gone by now is skipped.
        std::error_code gone;
        const auto used = fs::last_write_time(file->path(), gone);
        if (gone) continue;
        if (is_unfinished(file->path()) && used < long_ago) fs::remove(file->path(), gone);
        if (!is_entry(file->path())) continue;
        const auto size = fs::file_size(file->path(), gone);
        if (gone) continue;
        entries.push_back({file->path(), used, size});
        total += size;
    }
    if (total <= most_bytes) return;
    std::sort(entries.begin(), entries.end(), [](const found& a, const found& b) { return a.used < b.used; });
    for (const found& entry : entries) {
        if (total <= most_bytes) break;
        fs::remove(entry.path, ignored);
        total -= entry.size;
    }
}

}  // namespace kiln::compiler
