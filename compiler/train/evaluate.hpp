// evaluate: how well a network does on samples that it does not learn from, or while it does.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include <kiln/compiler/train/accuracy.hpp>
#include <kiln/compiler/train/history.hpp>
#include <kiln/compiler/train/team.hpp>
#include <kiln/compiler/train/trainer.hpp>
#include <kiln/runtime/data/batches.hpp>

namespace kiln::train {

/// What a network is judged by.
struct judgement {
    std::span<const data::intake> intakes;
    std::int64_t batch = 1;               // the trainer's
    std::optional<std::size_t> scores{};  // which of its outputs, where it has classes
};

/// Mean cost and accuracy over the whole selection, the last incomplete batch included. Empty when `stop`, asked before
/// each batch, says so. In a team every process takes some of the batches, and all return the same; they stop when one
/// is told to. Requires samples.
std::optional<score> evaluate(const trainer& t, const data::selection& s, const judgement& j,
                              const std::function<bool()>& stop = {}, team* together = nullptr);

}  // namespace kiln::train
