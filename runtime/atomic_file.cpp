#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/error.hpp>
#include <optional>
#include <random>
#include <system_error>
#include <utility>

namespace kiln {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, std::string_view reason) {
    throw error(fmt::format("{}: cannot be written: {}", path.string(), reason));
}

[[noreturn]] void fail(const fs::path& path, int code) { fail(path, std::generic_category().message(code)); }

/// The file that `path` names once links are followed, whether it exists or not.
fs::path follow_links(const fs::path& path) {
    if (path.empty()) fail(path, "the path is empty");
    std::error_code code;
    fs::path target = path;
    for (int links = 0; fs::is_symlink(target, code); ++links) {
        if (links == 40) fail(path, ELOOP);  // as many as Linux follows
        const fs::path destination = fs::read_symlink(target, code);
        if (code) fail(path, code.value());
        target = target.parent_path() / destination;
    }
    return target;
}

/// The permissions of the file about to be replaced; empty when there is none.
std::optional<mode_t> permissions_to_keep(const fs::path& path, const fs::path& target) {
    struct stat status;
    if (::stat(target.c_str(), &status) != 0) {
        if (errno == ENOENT) return std::nullopt;
        fail(path, errno);
    }
    if (S_ISDIR(status.st_mode)) fail(path, "it is a directory");
    if (!S_ISREG(status.st_mode)) fail(path, "it is not a regular file, and would be replaced by one");
    if (::access(target.c_str(), W_OK) != 0) fail(path, errno);
    return status.st_mode & 0777;
}

fs::path folder_of(const fs::path& target) { return target.has_parent_path() ? target.parent_path() : fs::path("."); }

}  // namespace

atomic_file::atomic_file(const fs::path& path) : path_(path), target_(follow_links(path)) {
    if (!target_.has_filename()) fail(path_, "it names a folder, not a file");
    const auto permissions = permissions_to_keep(path_, target_);
    std::random_device entropy;
    for (int attempt = 0; descriptor_ < 0; ++attempt) {
        const std::uint64_t number = std::uint64_t{entropy()} << 32 | entropy();
        fs::path name = folder_of(target_) / fmt::format(".kiln-{:016x}.tmp", number);
        descriptor_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (descriptor_ >= 0)
            temporary_ = std::move(name);
        else if (errno != EEXIST || attempt == 16)
            fail(path_, errno);
    }
    // Permissions are a courtesy: file systems without them still take the file.
    if (permissions && ::fchmod(descriptor_, *permissions) != 0) errno = 0;
}

atomic_file::~atomic_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void atomic_file::write(byte_view bytes) {
    if (descriptor_ < 0) fail(path_, "it was already completed");
    size_ += bytes.size();
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(path_, errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void atomic_file::commit() {
    if (descriptor_ < 0) fail(path_, "it was already completed");
    // Some file systems have no fsync (EINVAL); on them there is nothing to wait for.
    if (::fsync(descriptor_) != 0 && errno != EINVAL) fail(path_, errno);
    if (::close(std::exchange(descriptor_, -1)) != 0) fail(path_, errno);
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(path_, errno);
    temporary_.clear();
    // The file is complete; that its name also survives a power cut is worth a try but no failure.
    const int folder = ::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return;
    ::fsync(folder);
    ::close(folder);
}

void write_file(const fs::path& path, byte_view bytes) {
    atomic_file file(path);
    file.write(bytes);
    file.commit();
}

}  // namespace kiln
