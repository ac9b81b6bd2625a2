// Runs pieces of work in processes of their own, several at once: a crash, a hang or a leak in one is an error message.
//
// Each worker is a fork of this process that computes on a thread with a large stack, sends its answer through a pipe
// and exits without running destructors. It shares nothing with its siblings, and dies with this process.
//
// In a multi-threaded program only the calling thread exists in the worker. Work must therefore take no lock that
// another thread might hold at the time of the fork; memory allocation is safe (glibc sees to it).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace kiln::compiler {

struct work_item {
    std::string what;                   // for messages: "kernel conv 3x3 64->64"
    std::function<std::string()> work;  // runs in the worker; an exception's text becomes the error's
};

struct worker_limits {
    int jobs = 0;  // at once; 0: as many as this process has processors
    std::chrono::milliseconds time_limit = std::chrono::seconds(300);  // for each item
    std::size_t stack_bytes = std::size_t{256} << 20;
};

/// Calls `finished(index, answer)` in this process for every item, in the order they finish. Throws kiln::error naming
/// the item that failed, crashed or took too long, once all other workers are stopped; an exception of `finished` ends
/// the work likewise.
void run_in_workers(std::span<const work_item> items, const worker_limits& limits,
                    const std::function<void(std::size_t index, std::string answer)>& finished);

}  // namespace kiln::compiler
