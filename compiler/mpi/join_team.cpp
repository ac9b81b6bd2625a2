#include <kiln/compiler/mpi/join_team.hpp>

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include <kiln/compiler/frontend/installation.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::mpi {
namespace {

/// How many processes were started together, as Open MPI, MPICH and Slurm tell each of them.
int processes_started() {
    for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"})
        if (const char* text = std::getenv(name)) return std::max(1, std::atoi(text));
    return 1;
}

}  // namespace

std::unique_ptr<mpi_team> join_team(std::function<bool()> leaving) {
    const int processes = processes_started();
    if (processes == 1) return nullptr;
    const std::string module = frontend::mpi_module();
    if (module.empty())
        throw error(
            fmt::format("{} processes were started to train together, but this Kiln was built without MPI: "
                        "install an MPI library (Debian: apt install libopenmpi-dev openmpi-bin) and build it "
                        "again",
                        processes));
    void* loaded = dlopen(module.c_str(), RTLD_NOW | RTLD_GLOBAL);  // MPI's own plug-ins need its symbols
    if (!loaded) throw error(fmt::format("the MPI library cannot be used: {}", dlerror()));
    const auto join = reinterpret_cast<join_function_type*>(dlsym(loaded, join_function));
    if (!join) throw error(fmt::format("{}: is of another version of Kiln: it has no {}", module, join_function));
    std::unique_ptr<mpi_team> team(join(&leaving));
    if (team->size() != processes)
        throw error(
            fmt::format("{} processes were started, but MPI sees {}: start them with the mpirun of the MPI that "
                        "Kiln was built with",
                        processes, team->size()));
    return team;
}

}  // namespace kiln::mpi
