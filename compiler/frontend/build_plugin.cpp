#include <kiln/compiler/frontend/build_plugin.hpp>

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include <kiln/compiler/frontend/compiler_log.hpp>
#include <kiln/compiler/frontend/host_compiler.hpp>
#include <kiln/compiler/frontend/installation.hpp>
#include <kiln/compiler/frontend/plugin_cache.hpp>
#include <kiln/compiler/frontend/process.hpp>
#include <kiln/compiler/frontend/temporary_folder.hpp>

namespace kiln::frontend {
namespace fs = std::filesystem;
namespace {

std::string read_text(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

plugin_file build_plugin(const fs::path& given, bool use_cache, const std::string& cache_folder) {
    std::error_code unreadable;
    const fs::path source = fs::canonical(given, unreadable);
    if (unreadable || !fs::is_regular_file(source) || !std::ifstream(source))
        throw error(fmt::format("cannot read the network's source '{}'", given.string()));
    const fs::path include = include_folder();
    const host_compiler compiler = find_host_compiler();
    const std::string identity =
        fmt::format("flags 1\n{}\n{}\n{}", source.string(), include.string(), compiler.identity);

    const plugin_cache cache(use_cache ? cache_folder : std::string(), use_cache);
    if (auto found = cache.find(identity)) return *found;

    const temporary_folder scratch("kiln-plugin");
    const fs::path object = scratch.path() / "plugin.so", rule = scratch.path() / "plugin.d";
    const std::vector<std::string> command = plugin_command(compiler, source, include, object, rule);
    const finished_process built = run_process(command);
    if (built.exit_code != 0) throw source_error(first_error(built.output, source), built.output);

    std::vector<fs::path> sources = read_dependencies(read_text(rule));
    if (auto kept = cache.store(identity, object, sources)) return *kept;
    return {scratch.keep(object), std::move(sources), false, true};
}

}  // namespace kiln::frontend
