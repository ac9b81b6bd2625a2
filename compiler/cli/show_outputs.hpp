// What `kiln run` makes of a network's outputs: files, the highest scores, or a summary.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <kiln/compiler/plan/plan.hpp>
#include <kiln/runtime/tensor.hpp>

namespace kiln::cli {

/// Writes .npz (all outputs by name), .npy (the only output) or .png (every output with 1 or 3 channels; with several
/// images, each under FILE-NAME.png, and FILE-NAME-SAMPLE.png in a batch). `scale`: how values become brightness: clamp
/// to [0, 1]; minmax: least to black, largest to white; abs: |value| divided by the largest. All files appear or none.
/// Returns their names. Throws kiln::error.
std::vector<std::filesystem::path> write_outputs(const std::filesystem::path& path, const plan::plan& p,
                                                 std::span<const tensor> outputs, const std::string& scale);

/// The `count` largest values of each sample of each output with their indices, and labels where there are any.
void print_top(const plan::plan& p, std::span<const tensor> outputs, int count, std::span<const std::string> labels);

/// Name, shape, least, largest and mean value of each output.
void print_summary(const plan::plan& p, std::span<const tensor> outputs);

}  // namespace kiln::cli
