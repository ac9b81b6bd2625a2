#include <kiln/compiler/frontend/compiler_log.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

namespace kiln::frontend {
namespace {

/// The line number after "SOURCE:", as in "net.cpp:7:20:   required from here"; 0 where a line speaks of something
/// else, or says merely which file included which.
int line_in_source(const std::string& text, const std::filesystem::path& source) {
    const std::string before = source.string() + ":";
    const std::size_t at = text.find(before);
    if (at == std::string::npos || text.substr(0, at).ends_with("from ")) return 0;
    return std::atoi(text.c_str() + at + before.size());
}

/// Without what both compilers put before a static assertion's own words.
std::string bare(std::string sentence) {
    constexpr std::string_view gcc = "static assertion failed: ", clang = "static_assert failed";
    if (sentence.starts_with(gcc)) return sentence.substr(gcc.size());
    if (!sentence.starts_with(clang) && sentence.find("static assertion failed") != 0) return sentence;
    const std::size_t open = sentence.find('"'), close = sentence.rfind('"');  // due to requirement '...' "SENTENCE"
    return open < close ? sentence.substr(open + 1, close - open - 1) : sentence;
}

/// The template arguments behind the first of refused<WHY, ...> or mistaken<WHAT, ...>, without namespaces.
std::string facts_in(const std::string& log) {
    std::size_t at = std::string::npos;
    for (const char* diagnostic :
         {"refused<kiln::fault::", "refused<fault::", "mistaken<kiln::dsl::mistake::", "mistaken<mistake::"})
        at = std::min(at, log.find(diagnostic));
    if (at == std::string::npos) return {};
    const std::size_t open = log.find('<', at);
    std::size_t first = std::string::npos, end = open;
    for (int depth = 0; end < log.size() && log[end] != '\n'; ++end) {
        depth += (log[end] == '<') - (log[end] == '>');
        if (depth == 1 && log[end] == ',' && first == std::string::npos) first = end + 1;
        if (depth == 0) break;
    }
    if (first == std::string::npos || end >= log.size() || log[end] != '>') return {};
    std::string facts = log.substr(first, end - first);
    for (const std::string name : {"kiln::dsl::", "kiln::"})
        for (std::size_t i = facts.find(name); i != std::string::npos; i = facts.find(name))
            facts.erase(i, name.size());
    while (facts.starts_with(' ')) facts.erase(0, 1);
    while (facts.ends_with(' ')) facts.pop_back();
    return fmt::format(" ({})", facts);
}

}  // namespace

std::string first_error(const std::string& log, const std::filesystem::path& source) {
    std::istringstream lines(log);
    int line = 0;
    std::string sentence;
    for (std::string text; std::getline(lines, text);) {
        if (text.find("warning: ") != std::string::npos) {
            line = 0;
            continue;
        }
        // g++ names the user's lines on the way to the error, clang after it; both the innermost first.
        if (line == 0) line = line_in_source(text, source);
        const std::size_t at = text.find("error: ");
        if (at == std::string::npos) continue;
        if (!sentence.empty()) break;
        sentence = bare(text.substr(at + 7)) + facts_in(log);
    }
    if (sentence.empty()) sentence = "the C++ compiler failed";
    return line > 0 ? fmt::format("{}:{}: {}", source.string(), line, sentence)
                    : fmt::format("{}: {}", source.string(), sentence);
}

}  // namespace kiln::frontend
