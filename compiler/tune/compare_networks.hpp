// Two builds of one network, one with default schedules and one with tuned ones, timed in turn: whole runs, and each
// tuned kernel's steps where they belong, with the caches as the network leaves them.
#pragma once

#include <kiln/compiler/tune/measure.hpp>

namespace kiln::tune {

/// `inputs`: one for each of the network's. `whole`: whole runs too, not only the tuned kernels' steps. Throws
/// kiln::error.
network_outcome compare_networks(const ir::graph& optimized, const compiler::compile_options& options,
                                 const std::vector<tensor>& inputs, const schedule_map& tuned, int threads, bool whole);

}  // namespace kiln::tune
