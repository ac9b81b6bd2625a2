// How exact Winograd's convolution is for given weights: its rounding errors grow with the tile and depend on the
// filters (Barabasz, Anderson, Soodhalter and Gregg 2020, "Error analysis and improving the accuracy of Winograd
// convolution for deep neural networks", arXiv:1803.10986).
#pragma once

#include <cstdint>

#include <kiln/runtime/tensor.hpp>
#include <kiln/schedules/kernel.hpp>

namespace kiln::plan {

/// A layer whose sampled error is larger is computed directly, Strassen's too.
inline constexpr double tolerated_error = 1e-4;

/// The largest difference between the outputs of a few random tiles and filters, computed in float32 by way of the
/// frequencies, and the same in float64 by the definition; relative to the largest of these outputs. `filter`:
/// {[depth,] taps, taps, channels, filters}; inputs are uniform in [-1, 1). Filters that are transformed `in_chunks`,
/// when the model runs, are so in float32, others in float64.
double winograd_error(const tensor& filter, bool flip, const schedules::winograd_tile& tile, bool in_chunks);

}  // namespace kiln::plan
