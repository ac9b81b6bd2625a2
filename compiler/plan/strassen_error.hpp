// How exact Strassen's product is for given weights. Its error is small beside the largest of four outputs, not beside
// each of them (Higham 2002, "Accuracy and stability of numerical algorithms", section 23.2.2).
#pragma once

#include <cstdint>

#include <kiln/runtime/tensor.hpp>

namespace kiln::plan {

/// The largest difference between the outputs of a few random pairs of positions and of filters `block` apart, computed
/// in float32 by way of the seven products, and the same in float64 by the definition; relative to the largest of these
/// outputs. `filter`: {1..., channels, filters}; inputs are uniform in [-1, 1).
double strassen_error(const tensor& filter, std::int32_t block);

}  // namespace kiln::plan
