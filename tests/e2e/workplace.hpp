// A folder of a test's own, in which it runs `kiln` and other programs and looks at what they leave.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace kiln::e2e {

struct finished {
    int exit_code = 0;
    std::string out, err;
};

class workplace {
public:
    workplace();
    ~workplace();
    workplace(const workplace&) = delete;
    workplace& operator=(const workplace&) = delete;

    /// A shell command, run in the folder.
    finished shell(const std::string& command) const;
    /// `kiln` with these arguments, as a shell would read them.
    finished kiln(const std::string& arguments) const;
    /// The same, which must succeed.
    std::string kiln_output(const std::string& arguments) const;
    nlohmann::json kiln_json(const std::string& arguments) const;

    std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
    void write(const std::string& name, const std::string& text) const;
    std::string read(const std::string& name) const;
    /// Every file's name, hidden ones too, sorted.
    std::vector<std::string> files() const;

private:
    std::filesystem::path folder_;
};

}  // namespace kiln::e2e
