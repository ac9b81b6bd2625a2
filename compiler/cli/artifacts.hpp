// What `kiln compile --emit` can write, as a table: a name, an extension and how the text or bytes are made.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kiln/compiler/compile.hpp>
#include <kiln/runtime/bytes.hpp>

namespace kiln::cli {

struct build_request {
    std::string function_name;  // empty: made from the graph's name
    bool weights_as_file = false;
    bool machine_code = true;  // false: planned only, no kernel is compiled
};

/// A graph on its way through the compiler, as far as the artifacts need it.
class build {
public:
    /// Throws kiln::error.
    build(ir::graph graph, const compiler::compile_options& options, const build_request& request);

    const ir::graph& graph() const { return optimized_; }
    const plan::plan& plan() const { return compiled_.plan; }
    const compiler::compiled_graph& compiled() const { return compiled_; }
    const compiler::emit_options& emit() const { return emit_; }
    bool has_machine_code() const { return machine_code_; }
    bool weights_as_file() const { return emit_.weights != compiler::weights_as::embedded; }
    byte_view weights() const { return compiled_.weights; }
    /// "20 kernels (18 from the cache)"
    std::string kernel_count_text() const;

private:
    bool machine_code_;
    ir::graph optimized_;
    compiler::compiled_graph compiled_;
    compiler::emit_options emit_;
};

struct artifact {
    std::string_view name;
    std::string_view extension;  // empty: the object's own
    bool machine_code;           // needs compiled kernels
    std::string (*make)(const build&);
    bool embeds_weights = false;  // embedded weights follow what `make` returns
};

/// The rows with these names, each once, in the table's order. Throws kiln::error.
std::vector<const artifact*> find_artifacts(std::span<const std::string> names);

/// "object, header, ..."
std::string artifact_names();

}  // namespace kiln::cli
