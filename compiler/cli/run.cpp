// kiln run: compiles a model for this process and shows what it makes of a photo.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <fstream>

#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/cli/model_options.hpp>
#include <kiln/compiler/cli/prepare_input.hpp>
#include <kiln/compiler/cli/show_outputs.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::cli {
namespace {

struct options {
    model_options model;
    input_options input;
    std::string output, labels, scale = "clamp";
    int top = 0;
};

std::vector<std::string> read_labels(const std::string& path) {
    std::vector<std::string> lines;
    if (path.empty()) return lines;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    if (lines.empty()) throw error(fmt::format("cannot read labels from '{}': expected one a line", path));
    return lines;
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void run(options o) {
    o.input.seed = o.model.seed;
    const std::vector<std::string> labels = read_labels(o.labels);
    const auto start = std::chrono::steady_clock::now();
    const compiler::model model = jit(load(o.model).graph, o.model);
    const double compiling = milliseconds_since(start);
    const std::vector<tensor> inputs = prepare_inputs(model.plan(), o.input);
    model.set_threads(o.model.threads);
    const auto running = std::chrono::steady_clock::now();
    const std::vector<tensor> outputs = model(inputs);
    const double spent = milliseconds_since(running);

    std::vector<std::filesystem::path> written;
    if (!o.output.empty()) written = write_outputs(o.output, model.plan(), outputs, o.scale);
    if (o.top > 0) print_top(model.plan(), outputs, o.top, labels);
    if (o.top == 0 && written.empty()) print_summary(model.plan(), outputs);
    if (o.model.quiet) return;
    for (const auto& path : written) fmt::print("wrote {}\n", path.string());
    fmt::print(stderr, "compiled in {:.2f} s, ran in {:.2f} ms\n", compiling / 1000, spent);
}

}  // namespace

void add_run(CLI::App& kiln) {
    CLI::App* command = kiln.add_subcommand("run", "compile a model into this process and run it");
    const auto o = std::make_shared<options>();
    add_model(*command, o->model);
    add_input_options(*command, o->input);
    command->add_option("-o", o->output, "where outputs go: .png, .npz, .npy or .safetensors");
    command
        ->add_option("--scale-output", o->scale,
                     "brightness in .png: clamp to [0, 1], from least to largest, or |value|")
        ->check(CLI::IsMember({"clamp", "minmax", "abs"}))
        ->capture_default_str();
    command->add_option("--print-top", o->top, "print the largest values and their indices")
        ->check(CLI::Range(1, 1'000'000));
    command->add_option("--labels", o->labels, "a file that names the indices, one a line");
    add_threads(*command, o->model);
    add_batch(*command, o->model);
    add_weights(*command, o->model);
    add_building(*command, o->model);
    add_records(*command, o->model);
    add_pass_options(*command, o->model);
    command->callback([o] { run(*o); });
}

}  // namespace kiln::cli
