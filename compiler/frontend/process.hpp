// Runs a program of this machine and keeps what it prints.
#pragma once

#include <string>
#include <vector>

namespace kiln::frontend {

struct finished_process {
    int exit_code = 0;   // 128 + signal when a signal ended it
    std::string output;  // standard output and error, as they came
};

/// Runs words[0], looked up in PATH, with nothing on its standard input. Throws kiln::error when it cannot be started.
finished_process run_process(const std::vector<std::string>& words);

}  // namespace kiln::frontend
