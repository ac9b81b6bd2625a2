#include <kiln/compiler/tune/measure.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <sstream>

#include <kiln/compiler/build/build_kernels.hpp>
#include <kiln/compiler/build/worker_processes.hpp>
#include <kiln/compiler/tune/compare_networks.hpp>
#include <kiln/compiler/tune/kernel_runner.hpp>
#include <kiln/compiler/tune/single_kernel.hpp>
#include <kiln/runtime/error.hpp>
#include <kiln/schedules/machine.hpp>

namespace kiln::tune {
namespace {

using compiler::aligned_block;

double seconds_now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

constexpr std::chrono::seconds compile_limit{60}, race_limit{60};

class machine_measurer : public measurer {
public:
    machine_measurer(const ir::graph& optimized, const compiler::compile_options& options, const measuring& how)
        : graph_(optimized), options_(options), how_(how) {
        const std::int64_t cache =
            2 * std::max<std::int64_t>(schedules::machine_of(how.target).l3_bytes, ::sysconf(_SC_LEVEL3_CACHE_SIZE));
        // Every object needs it: once, so that workers find it in the cache.
        compiler::build_runtime(
            {.target = how.target, .jobs = 1, .cache_folder = options.cache_folder, .progress = {}});
        pool_bytes_ = std::clamp<std::int64_t>(how.weights_bytes, 4096, std::max<std::int64_t>(cache, 64 << 20));
    }

    std::vector<outcome> race(std::span<const schedules::kernel> entrants) override {
        std::vector<outcome> result(entrants.size());
        compile(entrants, result);
        if (!result[0].failure.empty()) throw error(result[0].failure);
        std::vector<std::size_t> running;
        for (std::size_t i = 0; i < entrants.size(); ++i)
            if (result[i].failure.empty()) running.push_back(i);
        run(entrants, running, result);
        forget_losers(entrants, result);
        return result;
    }

    network_outcome compare_networks(const schedule_map& tuned, bool whole) override {
        return tune::compare_networks(graph_, options_, how_.inputs, tuned, how_.threads, whole);
    }

private:
    /// Fills objects_, and the failures of those that do not compile.
    void compile(std::span<const schedules::kernel> entrants, std::vector<outcome>& result) {
        std::vector<compiler::work_item> items;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < entrants.size(); ++i) {
            if (objects_.contains(text_of(entrants[i]))) continue;
            items.push_back({fmt::format("kernel {}", summary_of(entrants[i])), [&k = entrants[i], this] {
                                 return object_of(k, how_.target, "kernel", options_.cache_folder);
                             }});
            places.push_back(i);
        }
        const auto keep = [&](std::size_t index, std::string object) {
            objects_[text_of(entrants[places[index]])] = std::move(object);
        };
        try {
            compiler::run_in_workers(items, {.jobs = how_.jobs, .time_limit = compile_limit}, keep);
        } catch (const error&) {
            // One of them; the others' workers were stopped with it. Again, one by one.
            for (std::size_t i = 0; i < items.size(); ++i) {
                if (objects_.contains(text_of(entrants[places[i]]))) continue;
                try {
                    compiler::run_in_workers(std::span(&items[i], 1), {.jobs = 1, .time_limit = compile_limit},
                                             [&](std::size_t, std::string object) { keep(i, std::move(object)); });
                } catch (const error& failed) {
                    result[places[i]].failure = failed.what();
                }
            }
        }
    }

    void run(std::span<const schedules::kernel> entrants, const std::vector<std::size_t>& running,
             std::vector<outcome>& result) {
        std::int64_t arena_bytes = 64, weights_bytes = 0;
        std::vector<plan::plan> plans;
        for (const std::size_t i : running) {
            plans.push_back(plan_of(entrants[i]));
            arena_bytes = std::max(arena_bytes, plans.back().arena_bytes);
            weights_bytes = std::max(weights_bytes, plans.back().weights_bytes);
        }
        // Filled here, before the fork, and shared: it is only read.
        const auto bytes = static_cast<std::size_t>(std::max(pool_bytes_, (weights_bytes + 4095) / 4096 * 4096));
        if (pool_.size() < bytes) pool_.resize(bytes), fill_for_timing(pool_);
        const compiler::work_item measure{
            fmt::format("measuring kernel {}", summary_of(entrants[0])), [&] {
                aligned_block arena;
                arena.resize(static_cast<std::size_t>(arena_bytes));
                fill_for_timing(arena);
                std::vector<kernel_runner> runners;
                runners.reserve(running.size());
                std::vector<std::function<double()>> samplers;
                for (std::size_t i = 0; i < running.size(); ++i) {
                    kernel_runner& r = runners.emplace_back(objects_.at(text_of(entrants[running[i]])), plans[i], pool_,
                                                            arena.data(), how_.threads);
                    samplers.emplace_back([&r] { return r.sample(); });
                }
                std::string answer;
                for (const standing& s : tune::race(samplers, {}, seconds_now))
                    answer += fmt::format("{} {} {} {} {}\n", s.milliseconds, s.ratio, s.least, s.most, s.rounds);
                return answer;
            }};
        std::string answer;
        try {
            compiler::run_in_workers(std::span(&measure, 1), {.jobs = 1, .time_limit = race_limit},
                                     [&](std::size_t, std::string text) { answer = std::move(text); });
        } catch (const error& failed) {
            if (running.size() == 1) throw;
            // One of them crashed or hung: each against the incumbent alone.
            for (const std::size_t i : running) {
                if (i == 0) continue;
                if (running.size() == 2)
                    result[i].failure = failed.what();
                else
                    run(entrants, {0, i}, result);
            }
            return;
        }
        std::istringstream text(answer);
        for (const std::size_t i : running) {
            standing& s = result[i].time;
            std::string most;  // which may be infinite
            text >> s.milliseconds >> s.ratio >> s.least >> most >> s.rounds;
            s.most = std::strtod(most.c_str(), nullptr);
        }
    }

    /// Objects that will race again are the incumbent's and the fastest one's.
    void forget_losers(std::span<const schedules::kernel> entrants, const std::vector<outcome>& result) {
        std::size_t winner = 0;
        for (std::size_t i = 1; i < entrants.size(); ++i)
            if (result[i].failure.empty() && result[i].time.faster() &&
                (winner == 0 || result[i].time.ratio < result[winner].time.ratio))
                winner = i;
        for (std::size_t i = 0; i < entrants.size(); ++i)
            if (i != winner) objects_.erase(text_of(entrants[i]));
    }

    const ir::graph& graph_;
    compiler::compile_options options_;
    measuring how_;
    std::int64_t pool_bytes_ = 0;
    aligned_block pool_;
    std::map<std::string, std::string> objects_;  // by the kernel's text
};

}  // namespace

std::unique_ptr<measurer> this_machine(const ir::graph& optimized, const compiler::compile_options& options,
                                       const measuring& how) {
    return std::make_unique<machine_measurer>(optimized, options, how);
}

}  // namespace kiln::tune
