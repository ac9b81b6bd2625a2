// Who measures: this machine, or in tests someone whose answers are known.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/tune/race.hpp>

namespace kiln::tune {

/// A kernel's standing in a race, or why it did not run.
struct outcome {
    standing time;
    std::string failure;
};

/// Tuned schedules, by schedules::problem_of.
using schedule_map = std::map<std::string, schedules::schedule>;

/// The whole network with tuned schedules against the one with defaults.
struct network_outcome {
    standing whole;
    double usual_ms = 0;
    std::map<std::string, double> ratios;  // of the time in the network, for each tuned kernel
};

class measurer {
public:
    virtual ~measurer() = default;

    /// Times the kernels against the first, which must run. Throws kiln::error when the first does not.
    virtual std::vector<outcome> race(std::span<const schedules::kernel> entrants) = 0;

    /// `whole`: times whole runs too, not only the tuned kernels' steps.
    virtual network_outcome compare_networks(const schedule_map& tuned, bool whole) = 0;
};

struct measuring {
    std::string target;  // resolved
    int threads = 1;
    int jobs = 0;                    // kernels compiled at a time; 0: one for each processor
    std::vector<tensor> inputs{};    // of the whole network
    std::int64_t weights_bytes = 0;  // of the network: how much passes through the caches between two runs of a kernel
};

/// Measures on this machine. Each race runs in a process of its own: a crash or a hang is a failed trial.
///
/// Weights are as cold as in the network: between two runs of a kernel all other weights of the network pass through
/// the caches, so each run takes its weights from another part of a pool as large as the network's, or as twice the
/// last-level cache if that is less. Activations stay, as the layer before leaves them.
std::unique_ptr<measurer> this_machine(const ir::graph& optimized, const compiler::compile_options& options,
                                       const measuring& how);

}  // namespace kiln::tune
