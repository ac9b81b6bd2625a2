// read_data_set: a data set by where it lies.
//
//   fashion-mnist        Debian's package dataset-fashion-mnist
//   FOLDER               holding IDX files: train-images*, train-labels*, t10k-images*, t10k-labels* (also test-...),
//                        plain or .gz
//   FOLDER               holding a folder of images (PNG, JPEG) for each class; or train/ and test/ that do
//   FILE.npz             holding one array for each input of the network, samples along the first axis
//
// Everything is read and checked at once, so that no damaged file stops a training later. Errors are kiln::error and
// name the file.
#pragma once

#include <cstdint>
#include <kiln/runtime/data/data_set.hpp>
#include <kiln/runtime/image_fit.hpp>
#include <string>

namespace kiln::data {

/// What images of a folder are made to be. Arrays are taken as they are.
struct image_shape {
    std::int64_t height = 0, width = 0, channels = 0;
    fit_options fit{};
};

/// `inputs`: how many fields a sample has, the labels included.
data_set read_data_set(const std::string& where, const image_shape& images, std::size_t inputs);

}  // namespace kiln::data
