// A program of this machine that is asked in lines and answers in lines.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include <kiln/compiler/frontend/open_file.hpp>

namespace kiln::frontend {

class dialogue {
public:
    /// Starts words[0], looked up in PATH; what it writes to its standard error goes to the file `complaints`. Throws
    /// kiln::error.
    dialogue(const std::vector<std::string>& words, std::filesystem::path complaints);
    /// Closes its standard input and waits until it ends.
    ~dialogue();
    dialogue(const dialogue&) = delete;
    dialogue& operator=(const dialogue&) = delete;

    /// Sends a line. One that has ended already is noticed when it should answer.
    void tell(const std::string& line);
    /// Its next line. Throws kiln::error with its complaints when it ends instead.
    std::string hear();

private:
    std::string name_;
    std::filesystem::path complaints_;
    open_file socket_{-1};
    pid_t process_ = 0;
    std::string heard_;  // but not asked for yet
};

}  // namespace kiln::frontend
