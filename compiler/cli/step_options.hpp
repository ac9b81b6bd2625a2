// What decides how one step of training moves the parameters.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include <kiln/compiler/cli/model_options.hpp>
#include <kiln/compiler/train/options.hpp>

namespace kiln::cli {

struct step_options {
    std::string optimizer = "adam", initializer = "he";
    train::trainer_options trainer{};
};

/// --optimizer, --momentum, --weight-decay, --l2, --clip, --freeze, --recompute, --initializer
void add_step(CLI::App& command, step_options& o);

/// What was asked for, with the words in it made into what they stand for.
train::trainer_options trainer_options_of(const step_options& o);
/// The same with what a model's options say of batch, seed and compiling.
train::trainer_options trainer_options_of(const step_options& o, const model_options& model, progress& shown);
/// Compiling as a model's options say; how large random weights are stays.
void set_compiling(train::trainer_options& o, const model_options& model, progress& shown);

}  // namespace kiln::cli
