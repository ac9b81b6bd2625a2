// history: what a training tells of itself as it goes, a line of JSON each, for programs and for pictures.
//
//   {"network":"lenet5_cost","data":"fashion-mnist","batch":"64",...}                       first: the settings
//   {"step":100,"epoch":0.1067,"loss":0.71,"accuracy":0.74,"learning_rate":0.001}            means since the line
//   before
//   {"epoch":1,"step":937,"train":{"loss":..,"accuracy":..},"validation":{..},"test":{..},"learning_rate":..,
//    "seconds":..,"images_per_second":..}                                                    after each epoch
//
// A network without classes has no "accuracy"; parts without samples are left out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <kiln/runtime/line_chart.hpp>
#include <kiln/runtime/safetensors_header.hpp>

namespace kiln::train {

struct score {
    double loss = 0;
    std::optional<double> accuracy{};
};

struct step_line {
    std::int64_t step = 0;  // finished ones
    double epoch = 0;       // finished ones, the part of the current one included
    score train{};
    double learning_rate = 0;
};

struct epoch_line {
    std::int64_t epoch = 0, step = 0;  // finished ones
    score train{};                     // means over the epoch, while the weights changed
    std::optional<score> validation{}, test{};
    double learning_rate = 0, seconds = 0, images_per_second = 0;
};

std::string settings_text(const text_map& settings);
std::string text_of(const step_line& line);
std::string text_of(const epoch_line& line);

/// Loss and accuracy (where there is any) against epochs: training's lines are thin steps, and test's, else
/// validation's, dashed.
struct named_history {
    std::string name;
    std::string text;
};
std::vector<chart> curves_of(std::span<const named_history> runs);

}  // namespace kiln::train
