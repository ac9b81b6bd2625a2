// data_set: what a network learns from and is judged by, in memory. A sample is one entry of each field: an image and
// its label, or whatever the network takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::data {

/// One array: as many entries as there are samples, each of `shape`, one after the other.
struct field {
    std::string name;                    // for messages: "images"
    std::vector<std::int64_t> shape;     // of one entry; {} for a number
    std::vector<std::uint8_t> levels{};  // of images as files have them, 0 black and 255 full; else empty
    std::vector<float> values{};         // of everything else: arrays as they are, classes from 0
};

/// Samples that belong together. Without any, there may be no fields.
struct part {
    std::int64_t count = 0;
    std::vector<field> fields;
};

struct data_set {
    std::string name;                  // what messages call it
    part train, validation, test;      // the latter two are empty where the data brings none of its own
    std::vector<std::string> classes;  // names of the classes, where they have some
};

/// Elements of one entry.
std::int64_t volume_of(const field& f);

}  // namespace kiln::data
