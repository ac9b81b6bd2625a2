#include <kiln/compiler/cli/progress.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace kiln::cli {

progress::progress(bool quiet) : enabled_(!quiet && isatty(STDERR_FILENO)) {}
progress::~progress() { clear(); }

void progress::show(int done, int total, const std::string& what) {
    show(fmt::format("[{}/{}] {:.60}", done, total, what));
}

void progress::show(const std::string& line) {
    if (!enabled_) return;
    fmt::print(stderr, "\r\x1b[K{}", line);
    std::fflush(stderr);
    drawn_ = true;
}

void progress::clear() {
    if (!drawn_) return;
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
    drawn_ = false;
}

}  // namespace kiln::cli
