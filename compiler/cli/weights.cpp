// kiln weights: the tensors of a weight file, of an ONNX file or of a model; listed, or written to another file.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/cli/numbers.hpp>
#include <kiln/compiler/extents.hpp>
#include <kiln/compiler/frontend/load_model.hpp>
#include <kiln/compiler/onnx/initializers.hpp>
#include <kiln/compiler/weights.hpp>
#include <kiln/runtime/tensor_file.hpp>
#include <kiln/runtime/utf8.hpp>

namespace kiln::cli {
namespace fs = std::filesystem;
namespace {

struct options {
    std::string source, output;
    std::uint64_t seed = 0;
    bool json = false;
};

std::vector<tensor_entry> list_parameters(const std::string& model) {
    std::vector<tensor_entry> listed;
    for (const ir::node& n : frontend::load_model(model).graph.nodes)
        if (n.kind == op::parameter)
            listed.push_back({n.name, std::string(name_of(n.type)), extents_of(n.shape),
                              static_cast<std::uint64_t>(n.shape.volume() * bytes_of(n.type))});
    return listed;
}

tensor_map read_parameters(const std::string& model, std::uint64_t seed) {
    ir::graph graph = frontend::load_model(model).graph;
    compiler::bind_weights(graph, {.file = {}, .seed = seed});
    return compiler::parameters_of(graph);
}

std::vector<tensor_entry> list(const std::string& source) {
    if (holds_tensors(source)) return list_tensors(source);
    return fs::path(source).extension() == ".onnx" ? onnx::list_initializers(source) : list_parameters(source);
}

tensor_map read(const options& o) {
    if (holds_tensors(o.source)) return read_tensors(o.source);
    return fs::path(o.source).extension() == ".onnx" ? onnx::read_initializers(o.source)
                                                     : read_parameters(o.source, o.seed);
}

/// Names come from files, which may hold anything.
std::string shown(const std::string& name) { return is_printable(name) ? name : in_quotes(name); }

struct sum {
    std::int64_t values = 0, bytes = 0;
};

sum sum_of(const std::vector<tensor_entry>& tensors) {
    sum s;
    for (const tensor_entry& t : tensors) {
        s.values += element_count(t.shape).value_or(0);
        s.bytes += static_cast<std::int64_t>(t.bytes);
    }
    return s;
}

void print_text(const std::vector<tensor_entry>& tensors) {
    std::size_t name = 6, shape = 5;
    for (const tensor_entry& t : tensors) {
        name = std::max(name, shown(t.name).size());
        shape = std::max(shape, shape_text(t.shape).size());
    }
    fmt::print("{:<{}}  {:<8}  {:>{}}  {:>13}\n{}\n", "tensor", name, "type", "shape", shape, "bytes",
               std::string(name + shape + 27, '-'));
    for (const tensor_entry& t : tensors)
        fmt::print("{:<{}}  {:<8}  {:>{}}  {:>13}\n", shown(t.name), name, t.type, shape_text(t.shape), shape,
                   grouped(static_cast<std::int64_t>(t.bytes)));
    const sum s = sum_of(tensors);
    fmt::print("{} tensors, {} values, {}\n", tensors.size(), grouped(s.values), bytes_text(s.bytes));
}

void print_json(const std::vector<tensor_entry>& tensors) {
    auto rows = nlohmann::ordered_json::array();
    for (const tensor_entry& t : tensors)
        rows.push_back({{"name", shown(t.name)}, {"type", t.type}, {"shape", t.shape}, {"bytes", t.bytes}});
    const sum s = sum_of(tensors);
    const nlohmann::ordered_json json = {{"tensors", rows}, {"values", s.values}, {"bytes", s.bytes}};
    fmt::print("{}\n", json.dump(2));
}

void weights(const options& o) {
    if (o.output.empty()) return o.json ? print_json(list(o.source)) : print_text(list(o.source));
    const tensor_map tensors = read(o);
    write_tensors(o.output, tensors);
    fmt::print("wrote {} ({} tensors)\n", o.output, tensors.size());
}

}  // namespace

void add_weights_command(CLI::App& kiln) {
    CLI::App* command = kiln.add_subcommand("weights", "list the tensors of a weight file or a model, or convert them");
    const auto o = std::make_shared<options>();
    command
        ->add_option("FILE", o->source,
                     "weights (.safetensors, .npz, .npy), an ONNX file (its initializers), or a model's parameters: a "
                     "network that ships or a DSL source")
        ->required();
    auto* output = command->add_option("-o", o->output, "write them there as float32: .safetensors, .npz or .npy");
    command->add_option("--seed", o->seed, "of a model's weights (He initialisation)")->capture_default_str();
    command->add_flag("--json", o->json, "list as JSON")->excludes(output);
    command->callback([o] { weights(*o); });
}

}  // namespace kiln::cli
