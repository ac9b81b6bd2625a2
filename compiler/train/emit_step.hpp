// A training step as an object file with a C header, so that a device can learn with no framework.
//
//   #include "lenet5_train_step.h"
//
//   void *state = lenet5_train_step_state_create();   /* the initial weights, or those of a file read over them */
//   void *arena = lenet5_train_step_arena_create();
//   int status = lenet5_train_step(images, labels, 0.001f, &cost, state, arena);
//
// The step is the trainer's (compiler/train/trainer.hpp), the state as well: bit for bit the same on the same processor
// with the same number of threads.
#pragma once

#include <string>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/train/step_graph.hpp>

namespace kiln::train {

struct emitted_step {
    std::string object;               // without the bytes that follow it
    compiler::aligned_block weights;  // these: constants, and the initial state behind them
    std::string header;
    plan::plan plan;
};

/// `options.compile.weights`: the initial weights. `function_name`: the step's, and the prefix of all else. Throws
/// kiln::error.
emitted_step emit_step(ir::graph forward, const trainer_options& options, const std::string& function_name);

}  // namespace kiln::train
