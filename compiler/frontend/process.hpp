// Runs programs of this machine.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace kiln::frontend {

struct finished_process {
    int exit_code = 0;   // 128 + signal when a signal ended it
    std::string output;  // standard output and error, as they came
};

/// Runs words[0], looked up in PATH, with nothing on its standard input, and keeps what it prints. Throws kiln::error
/// when it cannot be started.
finished_process run_process(const std::vector<std::string>& words);

/// Starts words[0], looked up in PATH, with these open files as its standard input, output and error. Throws
/// kiln::error.
pid_t start_process(const std::vector<std::string>& words, int input, int output, int errors);

/// Waits until it ends; its exit code, 128 + signal when a signal ended it.
int wait_for(pid_t process);

}  // namespace kiln::frontend
