#include <kiln/compiler/frontend/host_compiler.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string_view>

#include <kiln/compiler/frontend/file_stamp.hpp>
#include <kiln/compiler/frontend/process.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::frontend {
namespace fs = std::filesystem;
namespace {

// Without CMake's values (compiler/install.cmake).
#ifndef KILN_HOST_COMPILER
#define KILN_HOST_COMPILER "c++"
#endif
#ifndef KILN_HOST_INCLUDES
#define KILN_HOST_INCLUDES ""
#endif

std::vector<std::string> split(const std::string& text) {
    std::istringstream words(text);
    std::vector<std::string> result;
    for (std::string word; words >> word;) result.push_back(word);
    return result;
}

fs::path find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0 ? fs::path(name) : fs::path();
    const char* path = std::getenv("PATH");
    std::istringstream folders(path ? path : "/usr/bin:/bin");
    for (std::string folder; std::getline(folders, folder, ':');)
        if (const fs::path program = fs::path(folder) / name; access(program.c_str(), X_OK) == 0) return program;
    return {};
}

}  // namespace

host_compiler find_host_compiler() {
    std::vector<std::string> tried;
    for (const char* variable : {"KILN_CXX", "CXX"}) {
        const char* value = std::getenv(variable);
        if (!value || split(value).empty()) continue;
        if (find_program(split(value)[0]).empty())
            throw error(fmt::format("{} names the C++ compiler '{}', which cannot be run", variable, value));
        tried = {value};
        break;
    }
    if (tried.empty()) tried = {KILN_HOST_COMPILER, "c++", "g++", "clang++"};
    for (const std::string& candidate : tried) {
        host_compiler found{split(candidate), {}};
        if (find_program(found.words[0]).empty()) continue;
        for (const std::string& word : found.words) {
            const fs::path program = find_program(word);
            found.identity += program.empty() ? word : stamp_of(fs::canonical(program)).text();
            found.identity += '\n';
        }
        return found;
    }
    throw error("no C++ compiler was found to build the network's source with: install g++, or set KILN_CXX");
}

std::vector<std::string> plugin_command(const host_compiler& compiler, const fs::path& source, const fs::path& include,
                                        const fs::path& object, const fs::path& dependencies) {
    std::vector<std::string> command = compiler.words;
    command.push_back("--version");
    const bool clang = run_process(command).output.find("clang") != std::string::npos;
    command.pop_back();
    for (const char* option : {"-std=c++20", "-O0", "-shared", "-fPIC", "-fvisibility=hidden", "-Wno-parentheses",
                               "-fdiagnostics-color=never"})
        command.emplace_back(option);
    // A unique symbol would keep the plug-in loaded for ever; clang makes none, and counts constexpr steps otherwise.
    if (clang)
        command.emplace_back("-fconstexpr-steps=2000000000");
    else
        command.insert(command.end(), {"-fno-gnu-unique", "-fconstexpr-ops-limit=2000000000"});
    command.insert(command.end(), {"-I", include.string()});
    for (const std::string& folder : split(KILN_HOST_INCLUDES)) command.insert(command.end(), {"-isystem", folder});
    command.insert(command.end(),
                   {"-MD", "-MF", dependencies.string(), "-MT", "plugin", "-o", object.string(), source.string()});
    return command;
}

std::vector<fs::path> read_dependencies(const std::string& rule) {
    std::vector<fs::path> files;
    std::string word;
    const auto finish = [&] {
        if (!word.empty() && word.back() != ':') files.emplace_back(word);
        word.clear();
    };
    for (std::size_t i = 0; i < rule.size(); ++i) {
        const char c = rule[i], next = i + 1 < rule.size() ? rule[i + 1] : '\0';
        if (c == '\\' && next == '\n') {
            finish();
            ++i;
        } else if (c == '\\' && (next == ' ' || next == '#')) {
            word += next;
            ++i;
        } else if (c == '$' && next == '$') {
            word += '$';
            ++i;
        } else if (c == ' ' || c == '\n' || c == '\t') {
            finish();
        } else {
            word += c;
        }
    }
    finish();
    return files;
}

}  // namespace kiln::frontend
