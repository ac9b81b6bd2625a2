#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/mapped_file.hpp>
#include <system_error>
#include <utility>

namespace kiln {
namespace {

struct descriptor {
    int number;
    ~descriptor() {
        if (number >= 0) ::close(number);
    }
};

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view reason) {
    throw error(fmt::format("{}: cannot be read: {}", path.string(), reason));
}

std::string reason_of(int code) { return std::generic_category().message(code); }

std::string_view kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "it is a directory, not a file";
    if (S_ISFIFO(mode)) return "it is a FIFO, not a regular file";
    if (S_ISSOCK(mode)) return "it is a socket, not a regular file";
    return "it is a device, not a regular file";
}

}  // namespace

mapped_file::mapped_file(const std::filesystem::path& path) {
    // Opening some devices has effects and opening a FIFO may block, so the kind is looked at before, and again after.
    struct stat status;
    if (::stat(path.c_str(), &status) != 0) fail(path, reason_of(errno));
    if (!S_ISREG(status.st_mode)) fail(path, kind_of(status.st_mode));
    const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (file.number < 0) fail(path, reason_of(errno));
    if (::fstat(file.number, &status) != 0) fail(path, reason_of(errno));
    if (!S_ISREG(status.st_mode)) fail(path, kind_of(status.st_mode));
    if (status.st_size == 0) return;  // mmap takes no empty ranges
    const auto size = static_cast<std::size_t>(status.st_size);
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
    if (address == MAP_FAILED) fail(path, reason_of(errno));
    bytes_ = {static_cast<const std::byte*>(address), size};
}

mapped_file::~mapped_file() {
    if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

mapped_file::mapped_file(mapped_file&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

mapped_file& mapped_file::operator=(mapped_file&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
}

}  // namespace kiln
