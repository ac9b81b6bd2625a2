// A step of training as a graph that is compiled like any other. From a graph with a cost:
//
//   inputs                                outputs
//   the graph's own (batched)             "cost": J, a number (l2 included)
//   every state tensor (whole)      ->    the graph's other outputs
//   "learning_rate" (whole, one number)   the next value of every state tensor that has one
//
// State is what a step changes: parameters, running statistics, what the optimiser remembers, the number of steps. A
// frozen parameter is state without a next value. Nothing is changed in place: whoever calls keeps two sets of state
// and exchanges them, so that a step that went wrong leaves the old one whole.
//
// The two halves of it, apart, are for whoever must change the gradients in between:
//   gradients   the graph's inputs, state             ->   cost, other outputs, gradients, next running statistics
//   update      state, gradients, learning rate       ->   the next value of the rest
#pragma once

#include <string>
#include <vector>

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/train/options.hpp>

namespace kiln::train {

struct state_tensor {
    std::string name;  // a parameter's, or with a '/': "adam/mean/conv1.weight"
    tensor initial;
    bool parameter = false;
};

/// The number of steps so far (int64), among the state.
inline constexpr std::string_view steps_name = "train/steps";

struct step_graph {
    ir::graph graph;
    int data_inputs = 0;            // the graph's own inputs come first
    bool reads_gradients = false;   // of `trained`, in that order, behind the state
    bool reads_rate = false;        // the last input
    int data_outputs = 0;           // the cost and the others, first; 0 of the update
    bool writes_gradients = false;  // of `trained`, behind the data outputs
    std::vector<int> next;          // for each state tensor the number of the output that is its next value, or -1
};

struct training_graphs {
    std::vector<state_tensor> state;
    std::vector<int> trained;  // state tensors that have a gradient
    std::size_t steps = 0;     // the state tensor that is the number of steps so far, an int64
    step_graph step;
    step_graph gradients, update;  // with options.halves, instead of `step`
    /// Cost and other outputs as inference computes them; inputs: the graph's own, then the parameters among the state.
    step_graph evaluation;
};

/// `forward`: a graph whose weights are bound. Throws kiln::error that says which output is missing, which frozen layer
/// is not there, which layer has no gradient.
training_graphs make_training_graphs(const ir::graph& forward, const trainer_options& options);

}  // namespace kiln::train
