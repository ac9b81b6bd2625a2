// How far a long job is: one line on the terminal, redrawn and in the end removed. Nothing when standard error is no
// terminal.
#pragma once

#include <functional>
#include <string>

namespace kiln::cli {

class progress {
public:
    explicit progress(bool quiet);
    ~progress();
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    void show(int done, int total, const std::string& what);
    void show(const std::string& line);
    void clear();

private:
    bool enabled_, drawn_ = false;
};

}  // namespace kiln::cli
