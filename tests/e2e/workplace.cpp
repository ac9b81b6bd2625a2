#include "workplace.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace kiln::e2e {
namespace fs = std::filesystem;
namespace {

std::string contents(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// Without what ASan says of Halide's compiler, which changes stacks: a remark on ASan, not an error.
std::string without_asan_remarks(std::string text) {
    const std::string_view remark = "WARNING: ASan doesn't fully support makecontext";
    for (std::size_t at; (at = text.find(remark)) != std::string::npos;) {
        const std::size_t line = text.rfind('\n', at), end = text.find('\n', at);
        const std::size_t first = line == std::string::npos ? 0 : line + 1;
        text.erase(first, end == std::string::npos ? std::string::npos : end + 1 - first);
    }
    return text;
}

}  // namespace

workplace::workplace() {
    std::string name = (fs::temp_directory_path() / "kiln-e2e-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a temporary folder");
    folder_ = name;
    fs::create_directory(folder_ / "here");
}

workplace::~workplace() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

finished workplace::shell(const std::string& command) const {
    // What is printed is kept outside the folder that tests look at.
    const fs::path out = folder_ / "out", err = folder_ / "err";
    const int status = std::system(fmt::format("cd '{}' && {{ {} ; }} >'{}' 2>'{}' </dev/null",
                                               (folder_ / "here").string(), command, out.string(), err.string())
                                       .c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 255, contents(out), without_asan_remarks(contents(err))};
}

finished workplace::kiln(const std::string& arguments) const { return shell(KILN_COMMAND " " + arguments); }

std::string workplace::kiln_output(const std::string& arguments) const {
    const finished done = kiln(arguments);
    INFO("kiln ", arguments);
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    return done.out;
}

nlohmann::json workplace::kiln_json(const std::string& arguments) const {
    return nlohmann::json::parse(kiln_output(arguments));
}

void workplace::write(const std::string& name, const std::string& text) const {
    std::ofstream(*this / ("here/" + name), std::ios::binary) << text;
}

std::string workplace::read(const std::string& name) const { return contents(*this / ("here/" + name)); }

std::vector<std::string> workplace::files() const {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_ / "here"))
        names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
}

}  // namespace kiln::e2e
