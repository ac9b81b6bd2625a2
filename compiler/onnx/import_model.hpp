// From an ONNX file to the compiler's graph (operator sets 6 to 21, float32).
//
// The graph computes channels last: an input of {1, 3, 224, 224} is one of {1, 224, 224, 3} here, and so are outputs.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/runtime/bytes.hpp>

namespace kiln::onnx {

struct import_options {
    int batch = 1;                                              // for inputs whose first extent is free or 1
    std::map<std::string, std::vector<std::int64_t>> shapes{};  // of inputs, as ONNX counts axes, by name
    std::map<std::string, tensor> fixed{};  // inputs that become constants, by name: arrays as ONNX lays them out
    std::vector<std::string> outputs{};     // tensors that become outputs instead of the model's own
};

/// The verified graph, its parameters bound to the file's values. Throws kiln::error; where operators are the trouble,
/// it lists all of them.
ir::graph import_model(const std::filesystem::path& file, const import_options& options);

/// The same of a model in memory, which gives its graph `name` and looks for external data in `folder`. Messages do not
/// say where the model is from.
ir::graph import_model(byte_view model, const std::string& name, const std::filesystem::path& folder,
                       const import_options& options);

}  // namespace kiln::onnx
