// A network's kernels as Halide's autoschedulers would schedule them, against Kiln's schedules: the sum of the times of
// all its kernels, each measured apart, with weights as cold as in the network.
//
//   kiln_autoschedulers build   NETWORK SCHEDULER [SECONDS]    compiles; each kernel may take so long (60)
//   kiln_autoschedulers measure NETWORK SCHEDULER              one line of JSON, on one thread
//
// SCHEDULER: bounded and strict, Kiln's defaults with and without Winograd; mullapudi2016, li2018, adams2019. Compiled
// kernels are kept in Kiln's cache. For an autoscheduler the algorithm is the direct one, the same as for `strict`,
// with all filters of a convolution side by side. A kernel that one fails on, or takes too long for, runs with Kiln's
// strict schedule.
#include <Halide.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <kiln/compiler/build/build_kernels.hpp>
#include <kiln/compiler/build/kernel_cache.hpp>
#include <kiln/compiler/build/worker_processes.hpp>
#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/frontend/load_model.hpp>
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/tune/kernel_runner.hpp>
#include <kiln/compiler/tune/single_kernel.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/schedules/family.hpp>
#include <kiln/schedules/machine.hpp>

namespace {

using namespace kiln;
using schedules::kernel;

// How Halide calls them, and the libraries they come in.
struct autoscheduler {
    const char *name, *library;
};
const std::map<std::string, autoscheduler> autoschedulers = {
    {"mullapudi2016", {"Mullapudi2016", KILN_MULLAPUDI2016}},
    {"li2018", {"Li2018", KILN_LI2018}},
    {"adams2019", {"Adams2019", KILN_ADAMS2019}},
};

constexpr int threads = 1;
constexpr std::chrono::seconds measuring_limit{20};
const char* const failed_mark = "failed: ";

void estimate(Halide::ImageParam& p, const schedules::view& v) {
    for (int axis = 0; axis < p.dimensions(); ++axis) {
        auto dim = p.dim(axis);
        if (Halide::Internal::as_const_int(dim.extent())) {  // a weight
            dim.set_estimate(dim.min(), dim.extent());
            continue;
        }
        const auto a = static_cast<std::size_t>(axis);
        const bool halo = axis >= 1 && axis <= 3;
        const int before = halo ? v.halo_before[a - 1] : 0, after = halo ? v.halo_after[a - 1] : 0;
        dim.set_estimate(-before, v.extent[a] + before + after);
    }
}

void autoschedule(compiler::definition& d, const autoscheduler& by, const std::string& target) {
    Halide::load_plugin(by.library);
    for (std::size_t i = 0; i < d.inputs.size(); ++i) estimate(d.inputs[i], d.kernel.inputs[i].where);
    const std::vector<Halide::Var> axes = d.stages.axes();
    for (std::size_t a = 0; a < axes.size(); ++a) d.stages.result.set_estimate(axes[a], 0, d.kernel.output.extent[a]);
    const auto cache = static_cast<std::uint64_t>(schedules::machine_of(target).l3_bytes);
    Halide::Pipeline(d.stages.result)
        .auto_schedule(by.name, Halide::Target(target), Halide::MachineParams(threads, cache, 40));
}

/// All filters of a convolution in one block, as a layout that any schedule can vectorise over.
kernel for_autoscheduler(kernel k) {
    if (k.how.which != schedules::family::direct_conv) return k;
    schedules::schedule how = k.how;
    how.parameters.fill(0);
    how.parameters[1] = k.output.extent[0];
    schedules::set_schedule(k, how);
    return k;
}

struct work {
    std::string scheduler, target;
    plan::plan strict, plan;  // the same steps; `plan` with the scheduler's kernels
    compiler::kernel_cache cache{compiler::default_cache_folder()};

    work(const std::string& network, std::string by) : scheduler(std::move(by)) {
        target = compiler::resolve_target("host");
        compiler::compile_options options;
        options.records.file = tune::off;
        options.plan.threads = threads;
        options.plan.precision = schedules::precision::strict;
        const ir::graph graph = compiler::optimize_graph(frontend::load_model(network).graph, options);
        strict = compiler::plan_graph(graph, target, options);
        if (scheduler == "bounded") options.plan.precision = schedules::precision::bounded;
        plan = compiler::plan_graph(graph, target, options);
        if (autoschedulers.contains(scheduler))
            std::ranges::transform(plan.kernels, plan.kernels.begin(), for_autoscheduler);
    }

    std::string key_of(const kernel& k, const std::string& by) const {
        return fmt::format("{} alone, {}, {}\n{}", by, target, compiler::lowering_version(), text_of(k));
    }

    std::string object_of(const kernel& k, const std::string& by) const {
        const auto found = autoschedulers.find(by);
        if (found == autoschedulers.end()) return tune::object_of(k, target, "kernel", {});
        // They tell of every step; this is a process of its own, whose failures come another way.
        if (!std::freopen("/dev/null", "w", stderr)) throw error("/dev/null cannot be written to");
        const auto shape = [&](compiler::definition& d) { autoschedule(d, found->second, target); };
        return tune::object_around(compiler::lower_to_bitcode(k, target, "kiln_kernel_kernel", shape), k, target,
                                   "kernel", {});
    }

    void build(const kernel& k, const std::string& by, std::chrono::seconds limit) const {
        if (cache.find(key_of(k, by))) return;
        const compiler::work_item item{fmt::format("{} with {}", summary_of(k), by), [&] { return object_of(k, by); }};
        try {
            compiler::run_in_workers(
                std::span(&item, 1), {.jobs = 1, .time_limit = limit},
                [&](std::size_t, const std::string& object) { cache.store(key_of(k, by), object); });
        } catch (const error& e) {
            std::fprintf(stderr, "%s\n", e.what());
            cache.store(key_of(k, by), failed_mark + std::string(e.what()));
        }
    }

    /// Milliseconds of one call; why there are none otherwise.
    std::pair<double, std::string> time(const kernel& k, const std::string& by,
                                        const compiler::aligned_block& pool) const {
        const auto object = cache.find(key_of(k, by));
        if (!object) throw error(fmt::format("{} with {}: not built yet", summary_of(k), by));
        if (object->starts_with(failed_mark)) return {0, *object};
        const plan::plan alone = tune::plan_of(k);
        const compiler::work_item item{
            summary_of(k), [&] {
                compiler::aligned_block arena;
                arena.resize(static_cast<std::size_t>(std::max<std::int64_t>(alone.arena_bytes, 64)));
                tune::fill_for_timing(arena);
                tune::kernel_runner runner(*object, alone, pool, arena.data(), threads);
                std::vector<double> samples;
                const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(150);
                while (samples.size() < 3 || std::chrono::steady_clock::now() < end) samples.push_back(runner.sample());
                std::ranges::nth_element(samples, samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2));
                return fmt::format("{}", samples[samples.size() / 2]);
            }};
        double milliseconds = 0;
        try {
            compiler::run_in_workers(std::span(&item, 1), {.jobs = 1, .time_limit = measuring_limit},
                                     [&](std::size_t, const std::string& text) { milliseconds = std::stod(text); });
        } catch (const error& e) {
            return {0, e.what()};
        }
        return {milliseconds, {}};
    }
};

void build(const work& w, std::chrono::seconds limit) {
    for (std::size_t i = 0; i < w.plan.kernels.size(); ++i) {
        if (!tune::runs_on_anything(w.plan.kernels[i])) continue;
        w.build(w.plan.kernels[i], w.scheduler, limit);
        if (autoschedulers.contains(w.scheduler)) w.build(w.strict.kernels[i], "strict", limit);
    }
}

void measure(const work& w) {
    compiler::aligned_block pool;
    const std::int64_t twice_the_cache = 2 * schedules::machine_of(w.target).l3_bytes;
    std::int64_t bytes =
        std::clamp<std::int64_t>(w.plan.weights_bytes, 4096, std::max<std::int64_t>(twice_the_cache, 64 << 20));
    for (const plan::plan* p : {&w.plan, &w.strict})
        for (const kernel& k : p->kernels)
            bytes = std::max(bytes, (tune::plan_of(k).weights_bytes + 4095) / 4096 * 4096);
    pool.resize(static_cast<std::size_t>(bytes));
    tune::fill_for_timing(pool);

    std::vector<double> times(w.plan.kernels.size());
    auto failures = nlohmann::json::array();
    std::size_t measured = 0;
    for (std::size_t i = 0; i < times.size(); ++i) {
        if (!tune::runs_on_anything(w.plan.kernels[i])) continue;
        ++measured;
        auto [milliseconds, failure] = w.time(w.plan.kernels[i], w.scheduler, pool);
        if (!failure.empty()) {
            if (!autoschedulers.contains(w.scheduler)) throw error(failure);
            failures.push_back(failure);
            milliseconds = w.time(w.strict.kernels[i], "strict", pool).first;
        }
        times[i] = milliseconds;
    }
    double sum = 0;
    for (const plan::step& s : w.plan.steps) sum += times[static_cast<std::size_t>(s.kernel)];
    const nlohmann::json result = {{"milliseconds", sum}, {"kernels", measured}, {"failures", failures}};
    fmt::print("{}\n", result.dump());
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const std::set<std::string> ours{"bounded", "strict"};
    if (words.size() < 3 || (words[0] != "build" && words[0] != "measure") ||
        (!ours.contains(words[2]) && !autoschedulers.contains(words[2]))) {
        std::fputs(
            "usage: kiln_autoschedulers build|measure NETWORK bounded|strict|mullapudi2016|li2018|adams2019 "
            "[SECONDS]\n",
            stderr);
        return 2;
    }
    try {
        const work w(words[1], words[2]);
        if (words[0] == "measure")
            measure(w);
        else
            build(w, std::chrono::seconds(words.size() > 3 ? std::stoi(words[3]) : 60));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
    return 0;
}
