// sources: the kinds of data set that read_data_set knows.
#pragma once

#include <filesystem>
#include <kiln/runtime/data/read_data_set.hpp>

namespace kiln::data {

/// Whether the folder has a file named as a training set's images in IDX format are.
bool holds_idx(const std::filesystem::path& folder);
data_set read_idx_folder(const std::filesystem::path& folder);

/// Classes are the folders' names in the order of their bytes; images of a class are in that order too. Hidden files
/// and files that are called neither .png nor .jpg or .jpeg are passed over.
data_set read_image_folder(const std::filesystem::path& folder, const image_shape& images);

/// Arrays are told apart by their names, whose beginnings may say the part ("train_", "x_train", "test_images"):
/// see npz_arrays.cpp for the words. Bytes of rank 3 and more are images unless their name says that they are labels;
/// everything else is taken as it is.
data_set read_npz_arrays(const std::filesystem::path& file, std::size_t inputs);

}  // namespace kiln::data
