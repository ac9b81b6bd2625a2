// An image file made to fit one input of a network.
#pragma once

#include <filesystem>

#include <kiln/compiler/cli/prepare_input.hpp>

namespace kiln::cli {

/// One sample. Throws kiln::error when the input is no image, or the options refuse what the file holds.
tensor fit_image(const std::filesystem::path& file, const plan::port& port, const input_options& o);

}  // namespace kiln::cli
