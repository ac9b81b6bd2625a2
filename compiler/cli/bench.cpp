// kiln bench: how fast a model runs in this process, and how near that is to what the processor can do.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include <kiln/compiler/bench/bandwidth.hpp>
#include <kiln/compiler/bench/fma_peak.hpp>
#include <kiln/compiler/bench/roofline.hpp>
#include <kiln/compiler/bench/time_model.hpp>
#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/cli/model_options.hpp>
#include <kiln/compiler/cli/prepare_input.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/error.hpp>

namespace kiln::cli {
namespace {

struct options {
    model_options model;
    bench::plan_of_runs runs;
    bool json = false, per_layer = false;
    std::string roofline;
};

struct layer_time {
    std::string name;
    double milliseconds = 0, gflops = 0;
    std::int64_t multiply_adds = 0, bytes = 0;
};

struct result {
    std::string model, cpu, instructions;
    int threads = 1, batch = 1;
    std::size_t runs = 0;
    double min = 0, median = 0, p99 = 0, gflops = 0, peak = 0;
    std::vector<layer_time> layers;
};

double gflops_of(std::int64_t multiply_adds, double milliseconds) {
    return milliseconds > 0 ? 2e-6 * static_cast<double>(multiply_adds) / milliseconds : 0;
}

result measure(const options& o) {
    const compiler::model model = jit(o.model);
    const plan::plan& p = model.plan();
    result r;
    r.model = p.name;
    r.cpu = bench::cpu_name();
    r.batch = p.batch;
    r.threads =
        o.model.threads > 0 ? o.model.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    model.set_threads(r.threads);

    std::vector<tensor> inputs;
    for (const plan::port& port : p.inputs) inputs.push_back(filled(port, "random", o.model.seed + inputs.size()));
    const bench::fma_peak peak = bench::measure_fma_peak(r.threads);
    r.peak = peak.gflops;
    r.instructions = peak.instructions;
    const bench::run_times times = bench::time_runs(model, inputs, o.runs);
    r.runs = times.milliseconds.size();
    r.min = times.min();
    r.median = times.median();
    r.p99 = times.p99();
    std::int64_t multiply_adds = 0;
    for (const plan::step& s : p.steps) multiply_adds += s.multiply_adds;
    r.gflops = gflops_of(multiply_adds, r.median);
    if (!o.per_layer && o.roofline.empty()) return r;
    const std::vector<double> steps = bench::time_steps(model, inputs, o.runs);
    for (std::size_t i = 0; i < steps.size(); ++i)
        r.layers.push_back({p.steps[i].name, steps[i], gflops_of(p.steps[i].multiply_adds, steps[i]),
                            p.steps[i].multiply_adds, bench::bytes_moved(p, p.steps[i])});
    return r;
}

void print_json(const result& r) {
    auto layers = nlohmann::ordered_json::array();
    for (const layer_time& l : r.layers)
        layers.push_back({{"name", l.name},
                          {"ms", l.milliseconds},
                          {"gflops", l.gflops},
                          {"peak_share", l.gflops / r.peak},
                          {"multiply_adds", l.multiply_adds},
                          {"bytes", l.bytes}});
    const nlohmann::ordered_json json = {
        {"model", r.model},     {"cpu", r.cpu},          {"instructions", r.instructions},
        {"threads", r.threads}, {"batch", r.batch},      {"iterations", r.runs},
        {"min_ms", r.min},      {"median_ms", r.median}, {"p99_ms", r.p99},
        {"gflops", r.gflops},   {"peak_gflops", r.peak}, {"peak_share", r.gflops / r.peak},
        {"layers", layers}};
    fmt::print("{}\n", json.dump(2));
}

void print_text(const result& r) {
    fmt::print("{} on {}, {} thread{}, batch {}, {} runs\n", r.model, r.cpu, r.threads, r.threads == 1 ? "" : "s",
               r.batch, r.runs);
    fmt::print("min {:.3f} ms, median {:.3f} ms, p99 {:.3f} ms\n", r.min, r.median, r.p99);
    fmt::print("{:.1f} GFLOP/s, {:.1f} % of the {:.1f} measured with {} multiply-adds\n", r.gflops,
               100 * r.gflops / r.peak, r.peak, r.instructions);
    if (r.layers.empty()) return;
    std::size_t width = 5;
    for (const layer_time& l : r.layers) width = std::max(width, l.name.size());
    fmt::print("\n{:<{}}  {:>10}  {:>7}  {:>9}  {:>6}\n", "step", width, "ms", "share", "GFLOP/s", "peak");
    double sum = 0;
    for (const layer_time& l : r.layers) sum += l.milliseconds;
    for (const layer_time& l : r.layers)
        fmt::print("{:<{}}  {:>10.4f}  {:>5.1f} %  {:>9.1f}  {:>4.0f} %\n", l.name, width, l.milliseconds,
                   100 * l.milliseconds / sum, l.gflops, 100 * l.gflops / r.peak);
}

void draw_roofline(const result& r, const std::string& path) {
    bench::roofline picture{fmt::format("{} on {}, {} thread{}", r.model, r.cpu, r.threads, r.threads == 1 ? "" : "s"),
                            r.peak,
                            bench::measure_bandwidth(r.threads),
                            {}};
    for (const layer_time& l : r.layers) picture.layers.push_back({l.name, l.milliseconds, l.multiply_adds, l.bytes});
    atomic_file file(path);
    file.write(bytes_of(bench::svg_of(picture)));
    file.commit();
}

}  // namespace

void add_bench(CLI::App& kiln) {
    CLI::App* command = kiln.add_subcommand("bench", "time a model on this machine");
    const auto o = std::make_shared<options>();
    add_model(*command, o->model);
    add_threads(*command, o->model);
    command->add_option("--warmup", o->runs.warmup, "runs before those that count")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str();
    command->add_option("--duration", o->runs.duration, "seconds of runs that count")
        ->check(CLI::Range(0.0, 86400.0))
        ->capture_default_str();
    command->add_option("--iterations", o->runs.iterations, "exactly so many runs instead")
        ->check(CLI::Range(0, 1'000'000'000));
    command->add_flag("--json", o->json, "as JSON");
    command->add_flag("--per-layer", o->per_layer, "time every step too");
    command->add_option("--roofline", o->roofline,
                        "draw every step's speed against operations a byte, below what processor and memory can do: "
                        "FILE.svg");
    add_batch(*command, o->model);
    add_weights(*command, o->model);
    add_building(*command, o->model);
    add_records(*command, o->model);
    command->callback([o] {
        if (!o->roofline.empty() && std::filesystem::path(o->roofline).extension() != ".svg")
            throw error(fmt::format("--roofline {}: the picture is an SVG: the name must end in .svg", o->roofline));
        const result r = measure(*o);
        if (!o->roofline.empty()) draw_roofline(r, o->roofline);
        o->json ? print_json(r) : print_text(r);
    });
}

}  // namespace kiln::cli
