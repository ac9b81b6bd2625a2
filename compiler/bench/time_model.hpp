// Times a model: whole runs, and its steps one by one.
#pragma once

#include <functional>
#include <vector>

#include <kiln/compiler/compile.hpp>

namespace kiln::bench {

struct plan_of_runs {
    static constexpr int least = 3;

    int warmup = 3;       // runs that are not counted
    double duration = 2;  // seconds of counted runs, `least` of them at least
    int iterations = 0;   // above 0: exactly so many, whatever they take
};

struct run_times {
    std::vector<double> milliseconds;  // sorted
    double min() const { return milliseconds.front(); }
    double median() const;
    /// The time that 99 of 100 runs do not pass.
    double p99() const;
};

/// Runs on random inputs. Throws kiln::error.
run_times time_runs(const compiler::model& m, const std::vector<tensor>& inputs, const plan_of_runs& runs);

struct step_time {
    double best = 0, median = 0;  // milliseconds
};

/// Of each step of the plan, over `runs`.
std::vector<step_time> time_steps(const compiler::model& m, const std::vector<tensor>& inputs,
                                  const plan_of_runs& runs);

}  // namespace kiln::bench
