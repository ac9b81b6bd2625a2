// checkpoint: a training between two steps, in a file from which it goes on as if it had never stopped.
//
// A safetensors file: the trainer's state as tensors, everything else as texts in its header. The file is written under
// a temporary name and renamed: whatever happens meanwhile, the checkpoint before stays whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include <kiln/runtime/safetensors_header.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::train {

/// Means over samples, while they are added up.
struct running_mean {
    double cost = 0, correct = 0;  // sums
    std::int64_t samples = 0;

    void add(double mean_cost, std::int64_t correct_samples, std::int64_t count) {
        cost += mean_cost * static_cast<double>(count);
        correct += static_cast<double>(correct_samples);
        samples += count;
    }
    void add(const running_mean& other) {
        cost += other.cost;
        correct += other.correct;
        samples += other.samples;
    }
    double mean_cost() const { return cost / static_cast<double>(samples); }
    double accuracy() const { return correct / static_cast<double>(samples); }
};

/// How far a training is.
struct position {
    std::int64_t epoch = 0;                    // finished ones
    std::int64_t batch = 0;                    // finished ones of the epoch after them
    running_mean epoch_mean{}, recent_mean{};  // since the epoch's start; since the last line of the log
};

struct checkpoint {
    position at{};
    text_map settings{};    // what decides how training goes on: must be the same when it does
    std::string history{};  // the log's lines so far
    tensor_map state{};     // trainer::state()
};

/// Throws kiln::error; then a checkpoint that was there before is as it was, and the message says so.
void write_checkpoint(const std::filesystem::path& path, const checkpoint& c);

/// Throws kiln::error where the file is none, is damaged, or is of another version.
checkpoint read_checkpoint(const std::filesystem::path& path);

/// Throws kiln::error that lists what differs between the checkpoint's settings and those to go on with, but for those
/// that `may_change`.
void expect_same_settings(const std::filesystem::path& path, const text_map& found, const text_map& wanted,
                          const std::set<std::string>& may_change = {});

}  // namespace kiln::train
