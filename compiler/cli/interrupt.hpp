// interrupt: Ctrl-C asked for politely: while this lives, the first SIGINT or SIGTERM is noted, so that a long job can
// end at a good place. The second ends the program as usual.
#pragma once

#include <signal.h>

#include <array>
#include <atomic>

namespace kiln::cli {

class interrupt {
public:
    interrupt();
    ~interrupt();
    interrupt(const interrupt&) = delete;
    interrupt& operator=(const interrupt&) = delete;

    /// Whether one came.
    static const std::atomic<bool>& asked();

private:
    std::array<struct sigaction, 2> before_;
};

}  // namespace kiln::cli
