// Where Kiln's own files lie: beside the build tree's executables, or in the prefix it was installed to. They are
// looked for relative to the running program first, so that an installed tree can be moved.
#pragma once

#include <filesystem>
#include <vector>

namespace kiln::frontend {

/// The folder that holds kiln/dsl/dsl.hpp, for building DSL sources. Throws kiln::error saying where it was looked for.
std::filesystem::path include_folder();

/// The folder of the shipped networks' plug-ins; empty if there is none.
std::filesystem::path networks_folder();

/// The module for training in several processes (compiler/mpi); empty if Kiln was built without MPI.
std::filesystem::path mpi_module();

/// The files of tuned schedules that ship (schedules/tuned), sorted by name.
std::vector<std::filesystem::path> tuned_files();

}  // namespace kiln::frontend
