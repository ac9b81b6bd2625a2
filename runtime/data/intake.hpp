// intake: how the fields of a data set become a network's inputs, decided and checked before training starts.
#pragma once

#include <cstdint>
#include <kiln/runtime/data/data_set.hpp>
#include <kiln/runtime/tensor.hpp>
#include <span>
#include <string>
#include <vector>

namespace kiln::data {

/// What becomes of an image's levels: black and white become `range`, then each channel is normalised. Empty: it is
/// not.
struct normalization {
    std::vector<float> range{0, 1};
    std::vector<float> mean{}, deviation{};
};

struct network_input {
    std::string name;
    std::vector<std::int64_t> shape;  // of one sample
};

/// One field's way into one input.
struct intake {
    std::vector<std::int64_t> shape;  // of one sample, as the network has it
    std::int64_t classes = 0;         // more than 0: a class becomes that many numbers, 1 at its place and 0 elsewhere
    std::vector<float> scale{};       // of levels: 256 values a channel, channels innermost

    std::int64_t volume() const;
    bool is_image() const { return shape.size() == 3; }
};

/// An intake for each input, in order. Throws kiln::error where the data does not fit: another number of inputs, or an
/// input of another shape (where it has a last axis of 1 that the data lacks, it fits).
std::vector<intake> intakes_for(const data_set& set, std::span<const network_input> inputs, const normalization& n);

/// Throws kiln::error naming the first sample whose label (field 1) is no whole number from 0 to classes - 1.
void expect_classes(const data_set& set, std::int64_t classes);

/// Mean and deviation of each channel of the training images' levels, as fractions of white.
normalization measured(const data_set& set, const network_input& input);

/// The entry as the network takes it, `to` of the intake's volume.
void take(const field& f, std::int64_t sample, const intake& in, std::span<float> to);

}  // namespace kiln::data
