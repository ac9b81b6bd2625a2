// The one sentence in what g++ or clang says about a DSL source.
#pragma once

#include <filesystem>
#include <string>

namespace kiln::frontend {

/// "net.cpp:7: both inputs must have the same shape (ops::add, shape<9, 9, 8>, shape<7, 7, 8>)": the first error of the
/// log, the innermost line of `source` on the way to it, and the facts of a DSL diagnostic (dsl/diagnose.hpp).
std::string first_error(const std::string& log, const std::filesystem::path& source);

}  // namespace kiln::frontend
