#include <kiln/compiler/cli/depfile.hpp>

namespace kiln::cli {
namespace {

std::string escaped(const std::string& path) {
    std::string text;
    for (const char c : path) {
        if (c == ' ' || c == '#' || c == '\\') text += '\\';
        if (c == '$') text += '$';
        text += c;
    }
    return text;
}

}  // namespace

std::string dependency_rule(const std::filesystem::path& target, std::span<const std::filesystem::path> sources) {
    std::string rule = escaped(target.string()) + ":";
    for (const std::filesystem::path& source : sources) rule += " \\\n  " + escaped(source.string());
    return rule + "\n";
}

}  // namespace kiln::cli
