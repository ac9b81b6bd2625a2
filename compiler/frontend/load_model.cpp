#include <kiln/compiler/frontend/load_model.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include <kiln/compiler/frontend/load_onnx.hpp>
#include <kiln/compiler/frontend/load_source.hpp>
#include <kiln/compiler/frontend/nearest.hpp>
#include <kiln/compiler/frontend/shipped.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::frontend {
namespace fs = std::filesystem;
namespace {

constexpr std::array table = {
    importer{".cpp", "DSL source", load_source},
    importer{".cc", "DSL source", load_source},
    importer{".cxx", "DSL source", load_source},
    importer{".onnx", "ONNX model", load_onnx},
};

const importer* importer_of(const fs::path& file) {
    for (const importer& row : table)
        if (file.extension() == row.extension) return &row;
    return nullptr;
}

std::string known_extensions() {
    std::vector<std::string_view> names;
    for (const importer& row : table) names.push_back(row.extension);
    return fmt::format("{}", fmt::join(names, ", "));
}

/// Names are given without shapes when that says enough, so that suggestions stay short.
std::vector<std::string> shipped_labels() {
    std::vector<std::string> labels;
    for (const shipped_network& n : shipped_networks()) labels.push_back(n.label);
    return labels;
}

}  // namespace

std::span<const importer> importers() { return table; }

void expect_fixed_ports(const load_options& options) {
    if (!options.shapes.empty() || !options.fixed.empty() || !options.outputs.empty())
        throw error(
            "--shape, --fix and --output are for ONNX models: a DSL network states its inputs and outputs itself");
}

loaded_model load_model(const std::string& model, const load_options& options) {
    if (model.empty()) throw error("no model was given: name a shipped network (kiln list) or a DSL source");
    const std::size_t colon = model.rfind(':');
    const fs::path whole = model, file = model.substr(0, colon);
    if (const importer* row = importer_of(whole)) return row->load(whole, {}, options);
    if (const importer* row = colon == std::string::npos ? nullptr : importer_of(file)) {
        const std::string name = model.substr(colon + 1);
        if (name.empty()) throw error(fmt::format("'{}' has no name after its colon", model));
        return row->load(file, name, options);
    }
    expect_fixed_ports(options);
    if (auto shipped = load_shipped(model, options.batch)) return {std::move(shipped->graph), {shipped->plugin}};
    if (fs::is_regular_file(whole))
        throw error(
            fmt::format("'{}' is not a kind of model Kiln reads: expected one of {}", model, known_extensions()));
    throw error(fmt::format("unknown model '{}'{}: name a shipped network (kiln list) or a file ending in {}", model,
                            did_you_mean(model, shipped_labels()), known_extensions()));
}

}  // namespace kiln::frontend
