// The C++ compiler that builds DSL sources: $KILN_CXX, else $CXX, else the one Kiln was built with, else c++.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kiln::frontend {

struct host_compiler {
    std::vector<std::string> words;  // {"ccache", "g++"}: more than one for a launcher or fixed options
    std::string identity;            // changes when the compiler's programs do
};

/// Throws kiln::error when none is installed.
host_compiler find_host_compiler();

/// The command that builds `source` into the plug-in `object`, and lists every file it read in `dependencies` (a
/// makefile rule).
std::vector<std::string> plugin_command(const host_compiler& compiler, const std::filesystem::path& source,
                                        const std::filesystem::path& include, const std::filesystem::path& object,
                                        const std::filesystem::path& dependencies);

/// The files a makefile rule names after its target.
std::vector<std::filesystem::path> read_dependencies(const std::string& rule);

}  // namespace kiln::frontend
