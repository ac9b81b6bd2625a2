// What `kiln train` can be told.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <kiln/compiler/cli/model_options.hpp>
#include <kiln/compiler/cli/step_options.hpp>
#include <kiln/compiler/train/fit.hpp>
#include <kiln/runtime/data/intake.hpp>
#include <kiln/runtime/data/read_data_set.hpp>
#include <kiln/runtime/safetensors_header.hpp>

namespace kiln::cli {

struct train_options {
    model_options model{};
    std::string data, resize = "crop", channels = "convert", augment;
    data::normalization normalization{};
    bool standardize = false;
    double validation_share = 0, test_share = 0.1;
    std::string schedule = "constant";
    step_options step{};
    train::trainer_options trainer{};  // made of `step` by settle
    train::fit_options fit{};
    std::string output, checkpoint, plot, log;
    std::int64_t checkpoint_every = 0;
    bool resume = false;
    std::set<std::string> may_change;  // settings that a resumed training takes from here and not from its checkpoint
    int threads = 0;
};

void add_train_options(CLI::App& command, train_options& o);

/// What CLI11 leaves as words, made into the options they stand for. Throws kiln::error.
void settle(train_options& o);

/// All that decides how a training goes, for checkpoints and logs.
text_map settings_of(const train_options& o, const std::string& network, const data::data_set& set);

}  // namespace kiln::cli
