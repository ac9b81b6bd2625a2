// train_team: one `kiln train` as several processes (docs/kiln_train.md). Alone, there is no team: null.
#pragma once

#include <exception>
#include <memory>

#include <kiln/compiler/cli/train_options.hpp>
#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/mpi/join_team.hpp>
#include <kiln/compiler/train/agreement.hpp>

namespace kiln::cli {

/// What is left to do for a process of the team: its share of each batch and of the processors and, unless it leads, no
/// files and no words. Throws kiln::error where the batch cannot be shared out.
void take_share(train_options& o, const mpi::mpi_team& together);

/// Throws kiln::error in processes that have another network, data or options than the leader.
void expect_same_training(const train_options& o, const ir::graph& g, const text_map& settings, train::team& together);

/// Does `work`. Where it fails in any process, none goes on: see train::expect_all_well.
template <class Work>
void together_or_not_at_all(mpi::mpi_team* together, Work work) {
    if (!together) return work();
    std::exception_ptr problem;
    try {
        work();
    } catch (...) {
        problem = std::current_exception();
    }
    try {
        train::expect_all_well(*together, problem);
    } catch (const train::team_lost&) {
        throw;
    } catch (...) {
        together->leave();
        throw;
    }
}

}  // namespace kiln::cli
