// The cache of built plug-ins; build_plugin.hpp says what an entry is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <kiln/compiler/frontend/build_plugin.hpp>

namespace kiln::frontend {

class plugin_cache {
public:
    /// `folder`: of all of Kiln's caches; empty for the default. Not `enabled`: finds and stores nothing.
    plugin_cache(const std::string& folder, bool enabled);

    std::optional<plugin_file> find(const std::string& identity) const;
    /// Empty if the folder cannot be written, which is no error: the plug-in is built again next time.
    std::optional<plugin_file> store(const std::string& identity, const std::filesystem::path& object,
                                     const std::vector<std::filesystem::path>& sources) const;

private:
    std::filesystem::path entry(const std::string& identity) const;

    std::filesystem::path folder_;  // empty: disabled
};

}  // namespace kiln::frontend
