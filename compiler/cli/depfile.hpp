// A makefile rule, as build systems read it, of the files a compiled model depends on.
#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace kiln::cli {

std::string dependency_rule(const std::filesystem::path& target, std::span<const std::filesystem::path> sources);

}  // namespace kiln::cli
