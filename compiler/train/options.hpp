// How a network is trained: what the step's graph is built from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <kiln/compiler/compile.hpp>
#include <kiln/compiler/train/batch_share.hpp>

namespace kiln::train {

/// Formulas and papers: compiler/train/optimizer.hpp.
enum class optimizer { sgd, momentum, rmsprop, adam };

struct optimizer_options {
    optimizer kind = optimizer::adam;
    double momentum = 0.9;              // of optimizer::momentum
    double decay = 0.9;                 // of rmsprop's mean of squares
    double beta1 = 0.9, beta2 = 0.999;  // of adam's means
    double epsilon = 1e-8;              // added to the roots that rmsprop and adam divide by
    /// Weights (no biases, scales or shifts) shrink by learning rate * weight_decay in each step, apart from the
    /// gradient (Loshchilov, Hutter 2019, arXiv:1711.05101). 0: they do not.
    double weight_decay = 0;
    /// Gradients are scaled so that their norm, over all parameters together, is at most this (Pascanu, Mikolov, Bengio
    /// 2013, arXiv:1211.5063, algorithm 1). 0: they are not.
    double clip_norm = 0;
};

struct trainer_options {
    optimizer_options optimizer{};
    int batch = 64;
    /// Where several processes train together (train/team.hpp): which samples of all the batch are these.
    batch_share share{};
    std::uint64_t seed = 1;  // of dropout; weights start as compile.weights says
    /// l2 / 2 times the sum of the squares of all weights (no biases, scales or shifts) is part of the cost.
    double l2 = 0;
    /// How much of batch normalisation's running mean and variance stays in each step.
    double running_momentum = 0.9;
    /// Layers whose parameters stay as they are, by name: "conv1", or a scope with all that is in it: "tower". Their
    /// batch normalisation uses its running statistics.
    std::vector<std::string> frozen{};
    /// Activations are computed again in the backward half instead of being kept: less memory, about a third more time.
    bool recompute = false;
    /// A step is two functions, gradients and update, with the gradients between them in memory: see
    /// trainer::gradients.
    bool halves = false;
    compiler::compile_options compile{};
};

}  // namespace kiln::train
