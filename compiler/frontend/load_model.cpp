#include <kiln/compiler/frontend/load_model.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include <kiln/compiler/frontend/load_onnx.hpp>
#include <kiln/compiler/frontend/load_source.hpp>
#include <kiln/compiler/frontend/nearest.hpp>
#include <kiln/compiler/frontend/shipped.hpp>
#include <kiln/compiler/ir/verify.hpp>
#include <kiln/compiler/passes/slide_over.hpp>
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

namespace {

loaded_model load_as_it_is(const std::string& model, const load_options& options) {
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
    if (auto shipped = load_shipped(model, options.batch, options.with_output))
        return {std::move(shipped->graph), {shipped->plugin}};
    if (fs::is_regular_file(whole))
        throw error(
            fmt::format("'{}' is not a kind of model Kiln reads: expected one of {}", model, known_extensions()));
    throw error(fmt::format("unknown model '{}'{}: name a shipped network (kiln list) or a file ending in {}", model,
                            did_you_mean(model, shipped_labels()), known_extensions()));
}

}  // namespace

loaded_model load_model(const std::string& model, const load_options& options) {
    loaded_model loaded = load_as_it_is(model, options);
    if (options.slide_over.empty()) return loaded;
    if (options.slide_over.size() > max_rank - 1)
        throw error(
            fmt::format("--slide-over {}: an input has at most {} axes", shape_text(options.slide_over), max_rank - 1));
    dims over;
    for (const std::int64_t extent : options.slide_over) {
        if (extent < 1 || extent > std::numeric_limits<std::int32_t>::max())
            throw error(fmt::format("--slide-over {}: an extent of {} is not possible", shape_text(options.slide_over),
                                    extent));
        over[over.rank++] = static_cast<std::int32_t>(extent);
    }
    loaded.graph = passes::slide_over(loaded.graph, over);
    ir::verify(loaded.graph);
    return loaded;
}

}  // namespace kiln::frontend
