// The options that subcommands share: which model, which weights, how to compile it.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>

#include <kiln/compiler/cli/progress.hpp>
#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/frontend/load_model.hpp>

namespace kiln::cli {

struct model_options {
    std::string model;
    std::vector<std::string> shapes, fixed, outputs;  // of ONNX models
    std::string slide_over;                           // of DSL networks
    int batch = 1;
    std::string weights;
    std::uint64_t seed = 0;
    std::string precision = "bounded", weights_type = "float32";
    std::string target = "host";
    std::string records;  // tuned schedules
    int threads = 0;
    int jobs = 0;
    bool no_cache = false;
    std::string dump_after;
    bool time_passes = false;
    bool quiet = false;
};

void add_model(CLI::App& command, model_options& o);     // MODEL, --shape, --fix, --output, --slide-over, --no-cache
void add_batch(CLI::App& command, model_options& o);     // --batch
void add_weights(CLI::App& command, model_options& o);   // --weights, --seed
void add_threads(CLI::App& command, model_options& o);   // --threads
void add_building(CLI::App& command, model_options& o);  // --precision, --weights-type, --jobs, --quiet
void add_records(CLI::App& command, model_options& o);   // --tuning-records
void add_pass_options(CLI::App& command, model_options& o);  // --dump-after, --time-passes

frontend::loaded_model load(const model_options& o);

/// Dumps go to standard output; times of passes and progress to standard error.
compiler::compile_options compile_options_of(const model_options& o, progress& shown);

/// A model that was loaded, in this process, compiled for it.
compiler::model jit(ir::graph loaded, const model_options& o);

}  // namespace kiln::cli
