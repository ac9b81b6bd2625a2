#include <kiln/compiler/cli/progress.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace kiln::cli {

progress::progress(bool quiet) : enabled_(!quiet && isatty(STDERR_FILENO)) {}
progress::~progress() { clear(); }

void progress::show(int done, int total, const std::string& what) {
    if (!enabled_) return;
    fmt::print(stderr, "\r\x1b[K[{}/{}] {:.60}", done, total, what);
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
