// The C header of a training step: how its state lies in memory, and the functions that keep it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kiln/compiler/plan/plan.hpp>
#include <kiln/compiler/train/step_graph.hpp>

namespace kiln::train {

/// Where each state tensor lies in one set of state.
struct state_layout {
    std::vector<std::int64_t> places;  // bytes from the set's beginning
    std::int64_t bytes = 0;            // of a set
};
state_layout lay_out(const std::vector<state_tensor>& state);

/// `initial`: where in the embedded weights the first set of state lies.
std::string step_header(const training_graphs& graphs, const plan::plan& p, const std::string& function_name,
                        std::int64_t initial);

}  // namespace kiln::train
