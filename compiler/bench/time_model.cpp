#include <kiln/compiler/bench/time_model.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

#include <kiln/compiler/bench/call_buffers.hpp>

namespace kiln::bench {
namespace {

using clock = std::chrono::steady_clock;

double milliseconds_since(clock::time_point start) {
    return std::chrono::duration<double, std::milli>(clock::now() - start).count();
}

template <class Run>
void repeat(const plan_of_runs& runs, Run run) {
    for (int i = 0; i < runs.warmup; ++i) run(false);
    const auto start = clock::now();
    for (int done = 0;; ++done) {
        if (runs.iterations > 0 ? done >= runs.iterations
                                : done >= runs.least && milliseconds_since(start) >= runs.duration * 1000)
            return;
        run(true);
    }
}

double median_of_sorted(const std::vector<double>& sorted) {
    const std::size_t middle = sorted.size() / 2;
    return sorted.size() % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

}  // namespace

double run_times::median() const { return median_of_sorted(milliseconds); }

double run_times::p99() const {
    const auto rank = static_cast<std::size_t>(std::ceil(0.99 * static_cast<double>(milliseconds.size())));
    return milliseconds[std::max<std::size_t>(rank, 1) - 1];
}

run_times time_runs(const compiler::model& m, const std::vector<tensor>& inputs, const plan_of_runs& runs) {
    call_buffers b(m.plan(), inputs);
    const int steps = static_cast<int>(m.plan().steps.size());
    run_times times;
    repeat(runs, [&](bool counted) {
        const auto start = clock::now();
        m.run(b.in.data(), b.out.data(), b.arena.data(), 0, steps);
        if (counted) times.milliseconds.push_back(milliseconds_since(start));
    });
    std::ranges::sort(times.milliseconds);
    return times;
}

std::vector<step_time> time_steps(const compiler::model& m, const std::vector<tensor>& inputs,
                                  const plan_of_runs& runs) {
    call_buffers b(m.plan(), inputs);
    std::vector<std::vector<double>> times(m.plan().steps.size());
    repeat(runs, [&](bool counted) {
        for (std::size_t step = 0; step < times.size(); ++step) {
            const auto start = clock::now();
            m.run(b.in.data(), b.out.data(), b.arena.data(), static_cast<int>(step), static_cast<int>(step) + 1);
            if (counted) times[step].push_back(milliseconds_since(start));
        }
    });
    std::vector<step_time> steps;
    for (std::vector<double>& t : times) {
        std::ranges::sort(t);
        steps.push_back({t.front(), median_of_sorted(t)});
    }
    return steps;
}

}  // namespace kiln::bench
