// Builds a DSL source into a plug-in with the host compiler, or takes it from the cache of those built before.
//
// An entry of the cache is one file: the shared object, then the stamps of every file the compiler read, then a
// checksum of all that. It is used while the checksum holds and no file has changed. Entries appear by renaming and the
// oldest go when there are too many, so any number of processes may share the folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <kiln/runtime/error.hpp>

namespace kiln::frontend {

/// The source is wrong: one sentence, and all that the C++ compiler said.
struct source_error : error {
    source_error(const std::string& sentence, std::string log) : error(sentence), compiler_log(std::move(log)) {}
    std::string compiler_log;
};

struct plugin_file {
    std::filesystem::path object;
    std::vector<std::filesystem::path> sources;  // every file it was built from
    bool from_cache = false;
    bool temporary = false;  // not cached: the caller removes the object once it is loaded
};

/// `cache_folder`: empty for $KILN_CACHE_DIR, $XDG_CACHE_HOME/kiln or ~/.cache/kiln. Throws source_error or
/// kiln::error.
plugin_file build_plugin(const std::filesystem::path& source, bool use_cache, const std::string& cache_folder);

}  // namespace kiln::frontend
