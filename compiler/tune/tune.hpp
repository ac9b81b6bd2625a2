// The tuner: searches the schedules of all kernels of a network, keeps what the whole network gains from.
#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include <kiln/compiler/plan/plan.hpp>
#include <kiln/compiler/tune/search.hpp>

namespace kiln::tune {

struct tune_options {
    int trials = 64;          // of a kernel, at most
    double seconds = 600;     // for all of them
    int early_stopping = 32;  // a kernel is done after so many trials without a gain
    std::size_t at_once = 4;  // candidates in a race
    int finalists = 6;        // of a kernel, for which the whole network is built and measured once the search is done
    bool resume = false;      // take over the trials that the database has
    std::uint64_t seed = 0;
};

struct progress_report {
    int trials = 0, kernels_left = 0;
    double usual_ms = 0, best_ms = 0;  // of the network: the sum over its calls of kernels measured so far
    double seconds_left = 0;           // until the time limit, or until all trials are done, whichever comes first
    std::string measured;              // what is being: a kernel, or the whole network
};

struct gain_point {
    double seconds = 0;   // since the start
    double saved_ms = 0;  // by the best schedules so far, over all calls of a network
};

struct tuned_kernel {
    schedules::kernel usual;
    schedules::schedule best;
    int calls = 1;
    double usual_ms = 0, best_ms = 0;
    std::vector<trial> trials;
    std::size_t space = 0;
};

struct tune_result {
    std::vector<tuned_kernel> kernels;  // in the plan's order
    network_outcome network;            // of the records that were kept
    std::vector<gain_point> gains;      // whenever the best changed
    int trials = 0, resumed = 0, kept = 0, dropped = 0;
    bool stopped = false;  // by `stop`
};

/// The kernels of a plan with default schedules that can be tuned, with the candidates that are exact enough for the
/// weights of all layers they compute.
std::vector<kernel_search> searches_of(const plan::plan& usual, const std::string& target, schedules::precision allowed,
                                       int threads, std::uint64_t seed);

/// Every trial is in `store` once it is measured. When the search ends, by itself or by time, each kernel's fastest
/// schedules are measured in the network: which of them leads there is kept. Then, also after a `stop`, the network
/// with the leaders is measured against the one with defaults: kernels that are no faster in it are dropped, and if it
/// is not faster beyond doubt, so are others, until it is or none is left. What remains replaces the records of these
/// kernels. `now`: seconds. Throws kiln::error.
tune_result tune(std::vector<kernel_search> searches, measurer& measures, database& store, const setting& where,
                 const tune_options& options, const std::atomic<bool>& stop, const std::function<double()>& now,
                 const std::function<void(const progress_report&)>& report);

}  // namespace kiln::tune
