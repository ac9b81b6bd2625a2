// MODEL, wherever the command line takes one: a file some importer knows by its extension (a DSL source), perhaps with
// ":NAME" behind it where the file holds several networks, or the name of a network that ships with Kiln.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::frontend {

struct load_options {
    int batch = 1;
    bool use_cache = true;
    std::string cache_folder;  // empty: the default
    // What an ONNX model may leave open: shapes of inputs, as it counts axes, and which tensors are put out.
    std::map<std::string, std::vector<std::int64_t>> shapes{};
    std::map<std::string, tensor> fixed{};  // inputs that become constants
    std::vector<std::string> outputs{};
    // Extents of one sample a DSL network is to slide over (passes/slide_over.hpp); empty for its own.
    std::vector<std::int64_t> slide_over{};
    // Of a DSL network: where no graph is named, or the named network lacks this output, the graph beside it that has
    // it.
    std::string with_output{};
};

/// Throws kiln::error when `options` says anything about inputs or outputs, which a DSL network states itself.
void expect_fixed_ports(const load_options& options);

struct loaded_model {
    ir::graph graph;
    std::vector<std::filesystem::path> sources;  // every file it was made from, for dependency rules
};

/// Throws kiln::error; source_error (build_plugin.hpp) when a DSL source does not compile.
loaded_model load_model(const std::string& model, const load_options& options = {});

/// One way of reading files. A new format is one row of the table in load_model.cpp.
struct importer {
    std::string_view extension;  // ".cpp"
    std::string_view what;       // "DSL source"
    loaded_model (*load)(const std::filesystem::path& file, const std::string& name, const load_options& options);
};

std::span<const importer> importers();

}  // namespace kiln::frontend
