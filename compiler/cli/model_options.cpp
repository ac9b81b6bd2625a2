#include <kiln/compiler/cli/model_options.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdio>

namespace kiln::cli {

void add_model(CLI::App& command, model_options& o) {
    command
        .add_option("MODEL", o.model, "a network that ships with Kiln (kiln list), or a DSL source: FILE.cpp[:NAME]")
        ->required();
    command.add_flag("--no-cache", o.no_cache, "build everything anew and keep nothing");
}

void add_batch(CLI::App& command, model_options& o) {
    command.add_option("--batch", o.batch, "samples at a time")->check(CLI::Range(1, 65536))->capture_default_str();
}

void add_weights(CLI::App& command, model_options& o) {
    command.add_option("--weights", o.weights, "weights by name: FILE.safetensors or FILE.npz; seeded without");
    command.add_option("--seed", o.seed, "seed of weights (He initialisation) and random inputs")
        ->capture_default_str();
}

void add_building(CLI::App& command, model_options& o) {
    command.add_option("-j,--jobs", o.jobs, "kernels to compile at a time; 0: one for each processor")
        ->check(CLI::Range(0, 4096));
    command.add_flag("-q,--quiet", o.quiet, "print nothing but what was asked for");
}

void add_pass_options(CLI::App& command, model_options& o) {
    command.add_option("--dump-after", o.dump_after, "print the graph after this pass, after import, or after all");
    command.add_flag("--time-passes", o.time_passes, "print how long each pass took");
}

frontend::loaded_model load(const model_options& o) {
    return frontend::load_model(o.model, {.batch = o.batch, .use_cache = !o.no_cache, .cache_folder = {}});
}

compiler::compile_options compile_options_of(const model_options& o, progress& shown) {
    compiler::compile_options options;
    options.target = o.target;
    options.weights = {.file = o.weights, .seed = o.seed};
    options.jobs = o.jobs;
    options.use_cache = !o.no_cache;
    options.dump_after = o.dump_after;
    options.dump = [](const std::string& text) { std::fputs(text.c_str(), stdout); };
    if (o.time_passes)
        options.pass_timed = [](const std::string& pass, double milliseconds) {
            fmt::print(stderr, "{:9.3f} ms  {}\n", milliseconds, pass);
        };
    options.progress = [&shown](int done, int total, const std::string& what) { shown.show(done, total, what); };
    return options;
}

compiler::model jit(const model_options& o) {
    progress shown(o.quiet);
    return compiler::model(compiler::compile_graph(load(o).graph, compile_options_of(o, shown)));
}

}  // namespace kiln::cli
