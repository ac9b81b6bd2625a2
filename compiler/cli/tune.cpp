// kiln tune: measures on this machine which schedules make a model faster than its defaults, and remembers them.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

#include <kiln/compiler/cli/commands.hpp>
#include <kiln/compiler/cli/interrupt.hpp>
#include <kiln/compiler/cli/model_options.hpp>
#include <kiln/compiler/cli/prepare_input.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/tune/choose_tuned.hpp>
#include <kiln/compiler/tune/database.hpp>
#include <kiln/compiler/tune/report.hpp>
#include <kiln/compiler/tune/tune.hpp>
#include <kiln/compiler/tune/tuned_file.hpp>
#include <kiln/runtime/atomic_file.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/schedules/schedule_text.hpp>

namespace kiln::cli {
namespace fs = std::filesystem;
namespace {

struct options {
    model_options model;
    tune::tune_options search;
    std::string report, exported;
};

fs::path database_of(const options& o) {
    const std::optional<fs::path> file = tune::records_file(o.model.records);
    if (!file) throw error("tuning needs a place for its records: name a database with --tuning-records");
    if (file->empty())
        throw error(
            "there is no folder for tuning records, neither XDG_DATA_HOME nor HOME is set: name a database with "
            "--tuning-records");
    return *file;
}

std::string duration_text(double seconds) {
    const auto whole = static_cast<long>(std::max(0.0, std::ceil(seconds)));
    return whole < 120 ? fmt::format("{} s", whole) : fmt::format("{} min", (whole + 30) / 60);
}

double gain(double usual, double best) { return best > 0 ? 100 * (usual / best - 1) : 0; }

void print_kernels(const tune::tune_result& r) {
    fmt::print("{:<52} {:>5}  {:>10}  {:>10}  {:>7}  {}\n", "kernel", "calls", "default ms", "tuned ms", "faster",
               "schedule");
    for (const tune::tuned_kernel& k : r.kernels)
        if (!(k.best == k.usual.how))
            fmt::print("{:<52.52} {:>5}  {:>10.4f}  {:>10.4f}  {:>5.1f} %  {}\n", schedules::summary_of(k.usual),
                       k.calls, k.usual_ms, k.best_ms, gain(k.usual_ms, k.best_ms), text_of(k.best));
}

void print(const tune::tune_result& r, const std::string& name, double seconds, const fs::path& file) {
    if (r.kept > 0) print_kernels(r);
    fmt::print("{}: {} trials of {} kernels in {}{}{}\n", name, r.trials, r.kernels.size(), duration_text(seconds),
               r.resumed > 0 ? fmt::format(", {} taken over", r.resumed) : "", r.stopped ? ", interrupted" : "");
    if (r.kept == 0) {
        fmt::print("no schedules beyond doubt faster than the defaults{}\n",
                   r.dropped > 0 ? fmt::format(" in the whole network ({} were alone)", r.dropped) : "");
        return;
    }
    const tune::standing& s = r.network.whole;
    fmt::print(
        "whole network: {:.3f} ms with defaults, {:.3f} ms tuned: {:.1f} % faster (between {:.1f} and {:.1f} %)\n",
        r.network.usual_ms, s.milliseconds, 100 * (1 / s.ratio - 1), 100 * (1 / s.most - 1), 100 * (1 / s.least - 1));
    for (const tune::gain_point& p : r.gains)
        if (p.saved_ms >= 0.95 * r.gains.back().saved_ms) {
            fmt::print("95 % of what single kernels gained was found after {}\n", duration_text(p.seconds));
            break;
        }
    fmt::print("{} schedules kept{} in {}\n", r.kept, r.dropped > 0 ? fmt::format(", {} dropped", r.dropped) : "",
               file.string());
}

void write_export(const options& o, const fs::path& file) {
    const tune::database records(file, tune::access::read);
    std::vector<tune::tuned_records> all;
    for (const tune::setting& s : records.settings()) all.push_back({s, records.records_of(s)});
    if (all.empty()) throw error(fmt::format("there are no records in '{}' to export", file.string()));
    const std::string text = tune::tuned_text(all);
    write_file(o.exported, bytes_of(text));
    if (!o.model.quiet) fmt::print("wrote {}\n", o.exported);
}

void tune_model(options o) {
    const fs::path file = database_of(o);
    if (o.model.model.empty()) {
        if (o.exported.empty()) throw error("name a model to tune, or --export FILE to write the records there are");
        return write_export(o, file);
    }
    tune::database store(file, tune::access::write);
    const frontend::loaded_model loaded = load(o.model);
    progress shown(o.model.quiet);
    compiler::compile_options options = compile_options_of(o.model, shown);
    options.records.file = tune::off;  // of the plans here: what is measured is said for each
    const std::string target = compiler::resolve_target("host");
    const ir::graph optimized = compiler::optimize_graph(loaded.graph, options);
    const plan::plan usual = compiler::plan_graph(optimized, target, options);
    const tune::setting where = tune::setting_here(target, options.plan.precision, o.model.threads);

    tune::measuring how{
        .target = target, .threads = where.threads, .jobs = o.model.jobs, .weights_bytes = usual.weights_bytes};
    for (const plan::port& port : usual.inputs)
        how.inputs.push_back(filled(port, "random", o.model.seed + how.inputs.size()));
    const auto measures = tune::this_machine(optimized, options, how);
    o.search.seed = o.model.seed;

    const auto now = [] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    };
    const double start = now();
    const interrupt interruptible;
    const tune::tune_result result =
        tune::tune(tune::searches_of(usual, target, options.plan.precision, where.threads, o.model.seed), *measures,
                   store, where, o.search, interrupt::asked(), now, [&](const tune::progress_report& r) {
                       shown.show(fmt::format(
                           "{} trials, {} kernels left, {:.3f} ms, was {:.3f}: {:.1f} % faster, {} left  {:.40}",
                           r.trials, r.kernels_left, r.best_ms, r.usual_ms, gain(r.usual_ms, r.best_ms),
                           duration_text(r.seconds_left), r.measured));
                   });
    shown.clear();
    print(result, usual.name, now() - start, file);
    if (!o.report.empty()) {
        const std::string html = tune::report_html(result, usual.name, where);
        write_file(o.report, bytes_of(html));
        if (!o.model.quiet) fmt::print("wrote {}\n", o.report);
    }
    if (!o.exported.empty()) write_export(o, file);
}

}  // namespace

void add_tune(CLI::App& kiln) {
    CLI::App* command = kiln.add_subcommand("tune", "find faster schedules for a model on this machine");
    const auto o = std::make_shared<options>();
    add_model(*command, o->model);
    command->get_option("MODEL")->required(false);
    command->add_option("--trials", o->search.trials, "schedules to measure for each kernel, at most")
        ->check(CLI::Range(0, 1'000'000))
        ->capture_default_str();
    command->add_option("--timeout", o->search.seconds, "seconds of search, at most")
        ->check(CLI::Range(0.0, 1e7))
        ->capture_default_str();
    command
        ->add_option("--early-stopping", o->search.early_stopping,
                     "a kernel is done after so many trials without a gain")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    command
        ->add_option("--finalists", o->search.finalists,
                     "of each kernel, schedules to measure in the whole network, at most")
        ->check(CLI::Range(1, 64))
        ->capture_default_str();
    command->add_option("--threads", o->model.threads, "to tune for; 0: as many as there are processors")
        ->check(CLI::Range(0, 256));
    command->add_flag("--resume", o->search.resume, "take over the trials of earlier runs instead of repeating them");
    command->add_option("--report", o->report, "draw the search and the roofline as a web page: FILE.html");
    command->add_option("--export", o->exported, "write all records of the database as a readable file: FILE.json");
    add_batch(*command, o->model);
    add_weights(*command, o->model);
    add_building(*command, o->model);
    add_records(*command, o->model);
    command->callback([o] { tune_model(*o); });
}

}  // namespace kiln::cli
