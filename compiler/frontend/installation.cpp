#include <kiln/compiler/frontend/installation.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <kiln/runtime/error.hpp>

namespace kiln::frontend {
namespace fs = std::filesystem;
namespace {

// Without CMake's values (compiler/install.cmake) only the places relative to the program are known.
#ifndef KILN_PREFIX
#define KILN_PREFIX ""
#endif
#ifndef KILN_NETWORKS_IN_PREFIX
#define KILN_NETWORKS_IN_PREFIX "lib/kiln/networks"
#endif
#ifndef KILN_MODULES_IN_PREFIX
#define KILN_MODULES_IN_PREFIX "lib/kiln"
#endif

/// Folders that may be a build tree or an installed prefix, the likeliest first.
std::vector<fs::path> roots() {
    std::vector<fs::path> found;
    const auto add = [&](const fs::path& program) {
        std::error_code none;
        const fs::path folder = fs::canonical(program, none).parent_path();
        if (none) return;
        found.push_back(folder);                              // build/kiln
        found.push_back(folder.parent_path());                // PREFIX/bin/kiln, PREFIX/lib/libkiln
        found.push_back(folder.parent_path().parent_path());  // PREFIX/lib/ARCHITECTURE/libkiln, build/tests/test
    };
    if (const char* home = std::getenv("KILN_HOME"); home && *home) found.emplace_back(home);
    add("/proc/self/exe");
    if (Dl_info info{}; dladdr(reinterpret_cast<const void*>(&include_folder), &info) && info.dli_fname)
        add(info.dli_fname);
    if (*KILN_PREFIX) found.emplace_back(KILN_PREFIX);
    return found;
}

}  // namespace

fs::path include_folder() {
    for (const fs::path& root : roots())
        if (fs::exists(root / "include/kiln/dsl/dsl.hpp")) return root / "include";
    throw error(
        "Kiln's headers (include/kiln/dsl/dsl.hpp) are neither beside this program nor in its prefix: set KILN_HOME to "
        "the folder Kiln is installed in");
}

fs::path networks_folder() {
    for (const fs::path& root : roots())
        for (const char* folder : {"networks", KILN_NETWORKS_IN_PREFIX})
            if (fs::exists(root / "include/kiln/dsl/dsl.hpp") && fs::is_directory(root / folder)) return root / folder;
    return {};
}

fs::path mpi_module() {
    for (const fs::path& root : roots())
        for (const char* folder : {"modules", KILN_MODULES_IN_PREFIX})
            if (fs::exists(root / "include/kiln/dsl/dsl.hpp") && fs::exists(root / folder / "kiln_mpi.so"))
                return root / folder / "kiln_mpi.so";
    return {};
}

std::vector<fs::path> tuned_files() {
    std::vector<fs::path> found;
    for (const fs::path& root : roots()) {
        const fs::path folder = root / "include/kiln/schedules/tuned";
        std::error_code none;
        for (fs::directory_iterator file(folder, none), end; !none && file != end; file.increment(none))
            if (file->path().extension() == ".json") found.push_back(file->path());
        if (!found.empty()) break;
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace kiln::frontend
