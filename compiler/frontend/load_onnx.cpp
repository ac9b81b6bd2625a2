#include <kiln/compiler/frontend/load_onnx.hpp>

#include <fmt/format.h>

#include <kiln/compiler/onnx/import_model.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::frontend {

loaded_model load_onnx(const std::filesystem::path& file, const std::string& name, const load_options& options) {
    if (!name.empty()) throw error(fmt::format("{}:{}: an ONNX file holds one network", file.string(), name));
    return {onnx::import_model(file, {options.batch, options.shapes, options.fixed, options.outputs}),
            {std::filesystem::absolute(file)}};
}

}  // namespace kiln::frontend
