// From files to a network's inputs: photos are fitted and scaled as the options say, arrays are taken as they are.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include <kiln/compiler/plan/plan.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::cli {

struct input_options {
    std::vector<std::string> files;      // "FILE" or "NAME=FILE"
    std::string resize = "crop";         // stretch, crop, refuse
    std::string channels = "convert";    // convert, refuse
    bool crop_arrays = false;            // an array larger than the input gives its middle
    std::vector<float> range = {0, 1};   // what black and white become
    std::vector<float> mean, deviation;  // per channel, after `range`; empty: not normalised
    std::string fill;                    // random, zero, one; empty: every input needs a file
    std::uint64_t seed = 0;
};

void add_input_options(CLI::App& command, input_options& o);

/// One tensor for each port of the plan, in order. An image fills every sample of a batch; an array may leave the batch
/// out when it is 1. Throws kiln::error naming the file, what was expected and what was found.
std::vector<tensor> prepare_inputs(const plan::plan& p, const input_options& o);

/// `port` filled with "random" values in [0, 1), "zero" or "one".
tensor filled(const plan::port& port, const std::string& mode, std::uint64_t seed);

}  // namespace kiln::cli
