// kiln export: a model becomes an ONNX file, weights included.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>

#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/cli/model_options.hpp>
#include <kiln/compiler/cli/numbers.hpp>
#include <kiln/compiler/onnx/export_model.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::cli {
namespace {

struct options {
    model_options model;
    std::string output;
};

void write(const options& o) {
    const std::filesystem::path path = o.output;
    if (path.extension() != ".onnx")
        throw error(fmt::format("-o {}: models are exported to ONNX: the name must end in .onnx", o.output));
    ir::graph graph = load(o.model).graph;
    compiler::bind_weights(graph, {.file = o.model.weights, .seed = o.model.seed});
    atomic_file file(path);
    try {
        onnx::export_model(graph, [&](byte_view bytes) { file.write(bytes); });
    } catch (const error& e) {
        throw error(fmt::format("{}: {}", o.output, e.what()));
    }
    file.commit();
    if (!o.model.quiet) fmt::print("wrote {} ({})\n", o.output, bytes_text(static_cast<std::int64_t>(file.size())));
}

}  // namespace

void add_export(CLI::App& kiln) {
    CLI::App* command = kiln.add_subcommand("export", "write a model as an ONNX file, weights included");
    const auto o = std::make_shared<options>();
    add_model(*command, o->model);
    command->add_option("-o", o->output, "the file: NAME.onnx")->required();
    add_batch(*command, o->model);
    add_weights(*command, o->model);
    command->add_flag("-q,--quiet", o->model.quiet, "print nothing");
    command->callback([o] { write(*o); });
}

}  // namespace kiln::cli
