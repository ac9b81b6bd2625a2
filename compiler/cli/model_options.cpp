#include <kiln/compiler/cli/model_options.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdio>

#include <kiln/runtime/error.hpp>
#include <kiln/runtime/tensor_file.hpp>

namespace kiln::cli {

void add_model(CLI::App& command, model_options& o) {
    command
        .add_option(
            "MODEL", o.model,
            "a network that ships with Kiln (kiln list), a DSL source (FILE.cpp[:NAME]) or an ONNX model (FILE.onnx)")
        ->required();
    command
        .add_option("--shape", o.shapes, "an ONNX input's extents where the model leaves them open: image=1x3x224x224")
        ->allow_extra_args(false);
    command.add_option("--fix", o.fixed, "make an ONNX input a constant, from .npy: name=FILE")
        ->allow_extra_args(false);
    command.add_option("--output", o.outputs, "put out this tensor of an ONNX model instead of its own outputs")
        ->allow_extra_args(false);
    command.add_option("--slide-over", o.slide_over,
                       "a DSL classifier over larger inputs, 28x28x3: dense layers become convolutions, one answer a "
                       "window");
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

void add_threads(CLI::App& command, model_options& o) {
    command.add_option("--threads", o.threads, "0: as many as there are processors")->check(CLI::Range(0, 256));
}

void add_building(CLI::App& command, model_options& o) {
    command
        .add_option(
            "--precision", o.precision,
            "strict: sums of exactly the products of the definition; bounded: also Winograd's convolutions, where "
            "their error is small")
        ->check(CLI::IsMember({"strict", "bounded"}))
        ->capture_default_str();
    command
        .add_option("--weights-type", o.weights_type,
                    "how filters of convolutions and dense layers are stored where it saves time: float32, bf16 "
                    "(rounded to 8 bits of precision) or int8 (with a scale for each filter)")
        ->check(CLI::IsMember({"float32", "bf16", "int8"}))
        ->capture_default_str();
    command.add_option("-j,--jobs", o.jobs, "kernels to compile at a time; 0: one for each processor")
        ->check(CLI::Range(0, 4096));
    command.add_flag("-q,--quiet", o.quiet, "print nothing but what was asked for");
}

void add_records(CLI::App& command, model_options& o) {
    command.add_option("--tuning-records", o.records,
                       "the database that kiln tune writes, by default the user's; off: default schedules only");
}

void add_pass_options(CLI::App& command, model_options& o) {
    command.add_option("--dump-after", o.dump_after, "print the graph after this pass, after import, or after all");
    command.add_flag("--time-passes", o.time_passes, "print how long each pass took");
}

namespace {

/// "1x3x224x224"; nothing where it is something else.
std::vector<std::int64_t> parse_extents(std::string_view text) {
    std::vector<std::int64_t> shape;
    const char* at = text.data();
    for (const char* end = at + text.size();; ++at) {
        std::int64_t extent = 0;
        const auto [after, code] = std::from_chars(at, end, extent);
        if (code != std::errc() || extent < 1) return {};
        shape.push_back(extent);
        if (after == end) return shape;
        if (*after != 'x') return {};
        at = after;
    }
}

/// "image=1x3x224x224"
std::pair<std::string, std::vector<std::int64_t>> parse_shape(const std::string& text) {
    const std::size_t equals = text.rfind('=');
    if (equals != std::string::npos)
        if (auto shape = parse_extents(std::string_view(text).substr(equals + 1)); !shape.empty())
            return {text.substr(0, equals), std::move(shape)};
    throw error(fmt::format("--shape {}: expected an input's name and its extents, such as image=1x3x224x224", text));
}

/// "mean=mean.npy"
std::pair<std::string, tensor> read_fixed(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos)
        throw error(fmt::format("--fix {}: expected an input's name and a file, such as mean=mean.npy", text));
    tensor_map tensors = read_tensors(text.substr(equals + 1));
    if (tensors.size() != 1)
        throw error(fmt::format("--fix {}: the file holds {} arrays, not one", text, tensors.size()));
    return {text.substr(0, equals), std::move(tensors.begin()->second)};
}

}  // namespace

frontend::loaded_model load(const model_options& o) {
    frontend::load_options options{.batch = o.batch, .use_cache = !o.no_cache, .cache_folder = {}};
    for (const std::string& shape : o.shapes) options.shapes.insert(parse_shape(shape));
    for (const std::string& fixed : o.fixed) options.fixed.insert(read_fixed(fixed));
    options.outputs = o.outputs;
    if (!o.slide_over.empty()) {
        options.slide_over = parse_extents(o.slide_over);
        if (options.slide_over.empty())
            throw error(
                fmt::format("--slide-over {}: expected the extents of one sample, such as 28x28x3", o.slide_over));
    }
    return frontend::load_model(o.model, options);
}

compiler::compile_options compile_options_of(const model_options& o, progress& shown) {
    compiler::compile_options options;
    options.target = o.target;
    options.weights = {.file = o.weights, .seed = o.seed};
    options.plan.precision = o.precision == "strict" ? schedules::precision::strict : schedules::precision::bounded;
    options.plan.weights = o.weights_type == "bf16"   ? schedules::storage::bfloat16
                           : o.weights_type == "int8" ? schedules::storage::int8
                                                      : schedules::storage::float32;
    options.records = {.file = o.records, .threads = o.threads};
    options.plan.threads = o.threads;
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

compiler::model jit(ir::graph loaded, const model_options& o) {
    progress shown(o.quiet);
    return compiler::model(compiler::compile_graph(std::move(loaded), compile_options_of(o, shown)));
}

}  // namespace kiln::cli
