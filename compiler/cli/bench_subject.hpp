// What kiln bench times: a model, or with --train a step of its training.
#pragma once

#include <vector>

#include <kiln/compiler/cli/model_options.hpp>
#include <kiln/compiler/cli/step_options.hpp>

namespace kiln::cli {

struct bench_subject {
    compiler::model model;
    std::vector<tensor> inputs;  // one for each port of the plan
    ir::graph loaded;            // what the model was made of, before weights are bound; none of a step
};

/// Inputs are random.
bench_subject network_subject(const model_options& o);

/// Data is random, labels are classes, the state is that of the first step. The learning rate is 0. Throws kiln::error
/// where the graph has no cost.
bench_subject step_subject(const model_options& o, const step_options& step);

}  // namespace kiln::cli
