#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <kiln/runtime/error.hpp>
#include <kiln/runtime/memory_file.hpp>
#include <system_error>

namespace kiln {
namespace {

[[noreturn]] void fail(const std::string& name, std::size_t bytes) {
    throw error(
        fmt::format("{}: cannot keep {} bytes in memory: {}", name, bytes, std::generic_category().message(errno)));
}

void write_all(int descriptor, const std::string& name, byte_view bytes) {
    const std::size_t size = bytes.size();
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(name, size);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

}  // namespace

memory_file::memory_file(const std::string& name, byte_view bytes)
    : descriptor_(::memfd_create(name.c_str(), MFD_CLOEXEC)) {
    if (descriptor_ < 0) fail(name, bytes.size());
    try {
        write_all(descriptor_, name, bytes);
    } catch (...) {
        ::close(descriptor_);
        throw;
    }
}

memory_file::~memory_file() { ::close(descriptor_); }

std::string memory_file::path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

}  // namespace kiln
