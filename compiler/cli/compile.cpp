// kiln compile: a model becomes an object file and its header.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <kiln/compiler/cli/artifacts.hpp>
#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/cli/depfile.hpp>
#include <kiln/compiler/cli/model_options.hpp>
#include <kiln/compiler/cli/numbers.hpp>
#include <kiln/compiler/cli/output_files.hpp>
#include <kiln/compiler/cli/step_options.hpp>
#include <kiln/compiler/emit/identifier.hpp>
#include <kiln/compiler/emit/weights_file.hpp>
#include <kiln/compiler/train/emit_step.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::cli {
namespace fs = std::filesystem;
namespace {

struct options {
    model_options model;
    std::string output, function_name, depfile, weights_as = "embedded";
    std::vector<std::string> emit = {"object", "header"};
    bool train = false;
    step_options step;
};

/// After the parts of a model, when all have been made.
void print_written(const output_files& files, const std::string& depfile) {
    for (const output_files::written& f : files.files())
        if (f.path != fs::path(depfile))
            fmt::print("wrote {} ({})\n", f.path.string(), bytes_text(static_cast<std::int64_t>(f.size)));
}

/// A rule's text, where one is wanted.
void add_depfile(const options& o, const frontend::loaded_model& loaded, output_files& files) {
    if (o.depfile.empty()) return;
    std::vector<fs::path> sources = loaded.sources;
    if (!o.model.weights.empty()) sources.emplace_back(fs::absolute(o.model.weights));
    const std::string rule = dependency_rule(files.files().front().path, sources);
    files.add(o.depfile, bytes_of(rule));
}

void compile_step(const options& o) {
    const auto start = std::chrono::steady_clock::now();
    const frontend::loaded_model loaded = load(o.model);
    progress shown(o.model.quiet);
    const train::trainer_options training = trainer_options_of(o.step, o.model, shown);
    const std::string name =
        (o.function_name.empty() ? compiler::identifier_from(loaded.graph.name) : o.function_name) + "_train_step";
    const train::emitted_step made = train::emit_step(loaded.graph, training, name);
    const fs::path object = o.output.empty() ? fs::path(name + ".o") : fs::path(o.output);
    output_files files;
    files.add(object, {bytes_of(made.object), made.weights});
    files.add(fs::path(object).replace_extension(".h"), bytes_of(made.header));
    add_depfile(o, loaded, files);
    shown.clear();
    files.commit();
    if (o.model.quiet) return;
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    fmt::print("{}: {} steps, {} kernels, arena {}, {:.1f} s\n", name, made.plan.steps.size(), made.plan.kernels.size(),
               bytes_text(made.plan.arena_bytes), spent.count());
    print_written(files, o.depfile);
}

void compile(const options& o) {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<const artifact*> wanted = find_artifacts(o.emit);
    const frontend::loaded_model loaded = load(o.model);
    progress shown(o.model.quiet);
    const build b(loaded.graph, compile_options_of(o.model, shown),
                  {.function_name = o.function_name,
                   .weights_as_file = o.weights_as == "file",
                   .machine_code = std::ranges::any_of(wanted, &artifact::machine_code)});
    const fs::path object = o.output.empty() ? fs::path(loaded.graph.name + ".o") : fs::path(o.output);

    output_files files;
    for (const artifact* a : wanted) {
        const std::string text = a->make(b);
        const byte_view embedded = a->embeds_weights && !b.weights_as_file() ? b.weights() : byte_view();
        files.add(a->extension.empty() ? object : fs::path(object).replace_extension(a->extension),
                  {bytes_of(text), embedded});
    }
    if (b.weights_as_file() && b.has_machine_code()) {
        const auto header = compiler::weights_file_header(b.plan());
        files.add(fs::path(object).replace_extension(".weights"), {std::as_bytes(std::span(header)), b.weights()});
    }
    add_depfile(o, loaded, files);
    shown.clear();
    files.commit();

    if (o.model.quiet) return;
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    fmt::print("{}: {} steps, {}, arena {}, weights {}, {:.1f} s\n", loaded.graph.name, b.plan().steps.size(),
               b.kernel_count_text(), bytes_text(b.plan().arena_bytes), bytes_text(b.plan().weights_bytes),
               spent.count());
    print_written(files, o.depfile);
}

}  // namespace

void add_compile(CLI::App& kiln) {
    CLI::App* command = kiln.add_subcommand("compile", "compile a model to an object file and a C header");
    const auto o = std::make_shared<options>();
    add_model(*command, o->model);
    command->add_option("-o", o->output, "the object's name; others are named after it (default: the model's name)");
    command
        ->add_option("--target", o->model.target,
                     "processor, system and features in Halide's words: x86-64-linux-avx2-fma")
        ->capture_default_str();
    command->add_option("--function-name", o->function_name, "prefix of every symbol (default: the model's name)");
    add_batch(*command, o->model);
    add_weights(*command, o->model);
    auto* weights_as = command
                           ->add_option("--weights-as", o->weights_as,
                                        "in the object, or in a file beside it to be mapped into memory")
                           ->check(CLI::IsMember({"embedded", "file"}))
                           ->capture_default_str();
    auto* emit = command->add_option("--emit", o->emit, "what to write: " + artifact_names())
                     ->delimiter(',')
                     ->capture_default_str();
    command
        ->add_flag("--train", o->train,
                   "a step of training instead: NAME_train_step, which moves the weights down the output \"cost\"")
        ->excludes(weights_as)
        ->excludes(emit);
    add_step(*command, o->step);
    command->add_option("--depfile", o->depfile, "write a makefile rule of all files the model was made from");
    command
        ->add_option("--threads", o->model.threads,
                     "how many threads the program will use, for the arena's room and tuned schedules; 0: one for each "
                     "processor here")
        ->check(CLI::Range(0, 256));
    add_building(*command, o->model);
    add_records(*command, o->model);
    add_pass_options(*command, o->model);
    command->callback([o] { o->train ? compile_step(*o) : compile(*o); });
}

}  // namespace kiln::cli
