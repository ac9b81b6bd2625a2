// kiln bench: how fast a model runs in this process, and how near that is to what the processor can do.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include <kiln/compiler/bench/bandwidth.hpp>
#include <kiln/compiler/bench/comparison.hpp>
#include <kiln/compiler/bench/fma_peak.hpp>
#include <kiln/compiler/bench/peak_memory.hpp>
#include <kiln/compiler/bench/roofline.hpp>
#include <kiln/compiler/bench/time_model.hpp>
#include <kiln/compiler/cli/bench_subject.hpp>
#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/cli/numbers.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/schedules/schedule_text.hpp>

namespace kiln::cli {
namespace {

struct options {
    model_options model;
    bench::plan_of_runs runs;
    bool train = false, json = false, per_layer = false;
    step_options step;
    std::string roofline, peer;
    double tolerance = -1;  // negative: by the type of the weights
};

struct layer_time {
    std::string name;
    bench::step_time milliseconds;
    double gflops = 0;  // at its best, as the peak is
    std::int64_t multiply_adds = 0, bytes = 0;
    std::string schedule;
};

struct result {
    std::string model, cpu, instructions;
    int threads = 1, batch = 1;
    std::size_t runs = 0;
    double min = 0, median = 0, p99 = 0, gflops = 0, peak = 0;
    std::int64_t peak_bytes = 0;  // of this process, which compiled the model
    std::int64_t arena_bytes = 0, weights_bytes = 0;
    std::vector<layer_time> layers;
    std::optional<bench::comparison> against;
};

double gflops_of(std::int64_t multiply_adds, double milliseconds) {
    return milliseconds > 0 ? 2e-6 * static_cast<double>(multiply_adds) / milliseconds : 0;
}

bench::comparison compare(const options& o, const bench::onnxruntime_host& host, const bench_subject& subject,
                          int threads) {
    ir::graph graph = subject.loaded;
    compiler::bind_weights(graph, {.file = o.model.weights, .seed = o.model.seed});
    return bench::compare_with_onnxruntime(host, subject.model, graph, subject.inputs, threads, o.runs);
}

/// What outputs may differ by, relative to their largest value, by how exactly weights are stored.
double tolerance_of(const options& o) {
    if (o.tolerance >= 0) return o.tolerance;
    return o.model.weights_type == "int8" ? 0.1 : o.model.weights_type == "bf16" ? 0.03 : 1e-4;
}

result measure(const options& o) {
    std::optional<bench::onnxruntime_host> host;  // looked for first: without it there is no need to compile
    if (!o.peer.empty()) host = bench::find_onnxruntime();
    const bench_subject subject = o.train ? step_subject(o.model, o.step) : network_subject(o.model);
    const compiler::model& model = subject.model;
    const std::vector<tensor>& inputs = subject.inputs;
    const plan::plan& p = model.plan();
    result r;
    r.model = o.train ? p.name + ", a step of training" : p.name;
    r.cpu = bench::cpu_name();
    r.batch = p.batch;
    r.threads =
        o.model.threads > 0 ? o.model.threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    model.set_threads(r.threads);

    const bench::fma_peak peak = bench::measure_fma_peak(r.threads);
    r.peak = peak.gflops;
    r.instructions = peak.instructions;
    (void)model(inputs);
    r.arena_bytes = p.arena_bytes;
    r.weights_bytes = p.weights_bytes;
    r.peak_bytes = bench::peak_memory();  // before a comparison takes some of its own
    if (host) r.against = compare(o, *host, subject, r.threads);
    const bench::run_times times = r.against ? r.against->ours : bench::time_runs(model, inputs, o.runs);
    r.runs = times.milliseconds.size();
    r.min = times.min();
    r.median = times.median();
    r.p99 = times.p99();
    std::int64_t multiply_adds = 0;
    for (const plan::step& s : p.steps) multiply_adds += s.multiply_adds;
    r.gflops = gflops_of(multiply_adds, r.median);
    if (!o.per_layer && o.roofline.empty()) return r;
    const std::vector<bench::step_time> steps = bench::time_steps(model, inputs, o.runs);
    for (std::size_t i = 0; i < steps.size(); ++i)
        r.layers.push_back({p.steps[i].name, steps[i], gflops_of(p.steps[i].multiply_adds, steps[i].best),
                            p.steps[i].multiply_adds, bench::bytes_moved(p, p.steps[i]),
                            schedules::text_of(p.kernels[static_cast<std::size_t>(p.steps[i].kernel)].how)});
    return r;
}

nlohmann::ordered_json json_of(const bench::comparison& c) {
    return {{"name", c.peer},
            {"iterations", c.theirs.milliseconds.size()},
            {"min_ms", c.theirs.min()},
            {"median_ms", c.theirs.median()},
            {"p99_ms", c.theirs.p99()},
            {"ratio_best", c.best()},
            {"ratio_median", c.median()},
            {"difference", c.difference},
            {"peak_bytes", c.peak_bytes},
            {"host_bytes", c.host_bytes}};
}

void print_json(const result& r) {
    auto layers = nlohmann::ordered_json::array();
    for (const layer_time& l : r.layers)
        layers.push_back({{"name", l.name},
                          {"best_ms", l.milliseconds.best},
                          {"median_ms", l.milliseconds.median},
                          {"gflops", l.gflops},
                          {"peak_share", l.gflops / r.peak},
                          {"multiply_adds", l.multiply_adds},
                          {"bytes", l.bytes},
                          {"schedule", l.schedule}});
    nlohmann::ordered_json json = {{"model", r.model},
                                   {"cpu", r.cpu},
                                   {"instructions", r.instructions},
                                   {"threads", r.threads},
                                   {"batch", r.batch},
                                   {"iterations", r.runs},
                                   {"min_ms", r.min},
                                   {"median_ms", r.median},
                                   {"p99_ms", r.p99},
                                   {"gflops", r.gflops},
                                   {"peak_gflops", r.peak},
                                   {"peak_share", r.gflops / r.peak},
                                   {"peak_bytes", r.peak_bytes},
                                   {"arena_bytes", r.arena_bytes},
                                   {"weights_bytes", r.weights_bytes},
                                   {"lowering", compiler::lowering_version()},
                                   {"layers", layers}};
    if (r.against) json["peer"] = json_of(*r.against);
    fmt::print("{}\n", json.dump(2));
}

void print_comparison(const result& r) {
    const bench::comparison& c = *r.against;
    fmt::print("\n{}, in turn, {} runs: min {:.3f} ms, median {:.3f} ms, p99 {:.3f} ms\n", c.peer,
               c.theirs.milliseconds.size(), c.theirs.min(), c.theirs.median(), c.theirs.p99());
    fmt::print("Kiln is {:.2f} times as fast by the best runs, {:.2f} times by the medians\n", c.best(), c.median());
    fmt::print("outputs differ by {:.1e} of the largest value\n", c.difference);
    fmt::print("peak memory: {} for compiling and running; its process {}, {} of them without ONNX Runtime\n",
               bytes_text(r.peak_bytes), bytes_text(c.peak_bytes), bytes_text(c.host_bytes));
}

void print_text(const result& r) {
    fmt::print("{} on {}, {} thread{}, batch {}, {} runs\n", r.model, r.cpu, r.threads, r.threads == 1 ? "" : "s",
               r.batch, r.runs);
    fmt::print("min {:.3f} ms, median {:.3f} ms, p99 {:.3f} ms\n", r.min, r.median, r.p99);
    fmt::print("{:.1f} GFLOP/s, {:.1f} % of the {:.1f} measured with {} multiply-adds\n", r.gflops,
               100 * r.gflops / r.peak, r.peak, r.instructions);
    if (r.against) print_comparison(r);
    if (r.layers.empty()) return;
    std::size_t width = 5;
    for (const layer_time& l : r.layers) width = std::max(width, l.name.size());
    fmt::print("\n{:<{}}  {:>10}  {:>7}  {:>10}  {:>9}  {:>6}\n", "step", width, "median ms", "share", "best ms",
               "GFLOP/s", "peak");
    double sum = 0;
    for (const layer_time& l : r.layers) sum += l.milliseconds.median;
    for (const layer_time& l : r.layers)
        fmt::print("{:<{}}  {:>10.4f}  {:>5.1f} %  {:>10.4f}  {:>9.1f}  {:>4.0f} %\n", l.name, width,
                   l.milliseconds.median, 100 * l.milliseconds.median / sum, l.milliseconds.best, l.gflops,
                   100 * l.gflops / r.peak);
}

void draw_roofline(const result& r, const std::string& path) {
    bench::roofline picture{fmt::format("{} on {}, {} thread{}", r.model, r.cpu, r.threads, r.threads == 1 ? "" : "s"),
                            r.peak,
                            bench::measure_bandwidth(r.threads),
                            {}};
    for (const layer_time& l : r.layers)
        picture.layers.push_back({l.name, l.milliseconds.best, l.multiply_adds, l.bytes});
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
    CLI::Option* train = command->add_flag(
        "--train", o->train, "a step of training instead, towards a lower output \"cost\": forward, backward, update");
    add_step(*command, o->step);
    command
        ->add_option("--compare", o->peer,
                     "run the exported model with this too, in turn; fails where outputs differ: onnxruntime, of "
                     "Python or Node.js")
        ->check(CLI::IsMember({"onnxruntime"}))
        ->excludes(train);
    command
        ->add_option("--tolerance", o->tolerance,
                     "what outputs may differ by, relative to the largest value: by default 1e-4, with bf16 weights "
                     "0.03, with int8 0.1")
        ->check(CLI::Range(0.0, 1e9));
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
        if (r.against && !(r.against->difference <= tolerance_of(*o)))
            throw error(fmt::format("{} and {}: outputs differ by {:.1e} of the largest value, more than {:g}", r.model,
                                    r.against->peer, r.against->difference, tolerance_of(*o)));
    });
}

}  // namespace kiln::cli
