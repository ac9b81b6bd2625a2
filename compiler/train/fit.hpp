// fit: a training from wherever it is to its last epoch: batches in an order that the seed decides, steps, and after
// each epoch how well the network does.
//
// Everything that decides the result depends on the seed, the epoch and the sample alone, so that a training that was
// stopped after any step goes on from its position as if it had not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <kiln/compiler/train/checkpoint.hpp>
#include <kiln/compiler/train/evaluate.hpp>
#include <kiln/compiler/train/history.hpp>
#include <kiln/compiler/train/learning_rate.hpp>
#include <kiln/compiler/train/team.hpp>
#include <kiln/compiler/train/trainer.hpp>
#include <kiln/runtime/data/batches.hpp>

namespace kiln::train {

struct fit_options {
    std::int64_t epochs = 10;
    rate_options rate{};
    std::uint64_t seed = 1;  // of the order of samples and of augmentation
    data::augmentation augmentation{};
    std::int64_t log_every = 50;  // steps between lines of the history
};

/// What is told on the way; each may be empty.
struct fit_observer {
    /// After each step, with the number of steps in an epoch. Throwing ends the training.
    std::function<void(const position& at, std::int64_t batches)> stepped;
    std::function<void(const epoch_line& line, const position& at)> epoch_finished;
    std::function<void(const std::string& line)> log;  // of the history, in order
    /// Asked after each step and while evaluating.
    std::function<bool()> stop;
};

/// Trains from `from` on and returns where it ended: at epoch `options.epochs`, or where it was told to stop. An
/// incomplete last batch of an epoch is left out; the next epoch has another order. Throws kiln::error when an epoch
/// has no complete batch, and `diverged` with the epoch and step in its message.
///
/// In a team a step's batch is j.batch samples for each process, in the order in which one process alone would take
/// them. The trainer's options say which share (share.index is the rank) and that it does steps in `halves`; all
/// trainers have the same state. Costs, accuracies and positions are those of all processes, and they stop together
/// when one is told to. After each epoch all take rank 0's state: processors of different kinds round differently.
/// Throws team_lost, with the trainer's state that of the last step that `observer` was told of.
position fit(trainer& t, const data::selections& parts, const judgement& j, const fit_options& options, position from,
             const fit_observer& observer, team* together = nullptr);

}  // namespace kiln::train
