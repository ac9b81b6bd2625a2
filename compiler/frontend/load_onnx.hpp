// The importer of ONNX models.
#pragma once

#include <kiln/compiler/frontend/load_model.hpp>

namespace kiln::frontend {

/// `name` must be empty: an ONNX file holds one network.
loaded_model load_onnx(const std::filesystem::path& file, const std::string& name, const load_options& options);

}  // namespace kiln::frontend
