// The importer of DSL sources: builds the source into a plug-in and takes a graph from it.
#pragma once

#include <kiln/compiler/frontend/load_model.hpp>

namespace kiln::frontend {

/// `name`: which of its networks; empty for the only one, or the one named like the file.
loaded_model load_source(const std::filesystem::path& file, const std::string& name, const load_options& options);

}  // namespace kiln::frontend
