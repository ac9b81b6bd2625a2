// accuracy: how many samples are given their class.
#pragma once

#include <cstdint>

#include <kiln/runtime/tensor.hpp>

namespace kiln::train {

/// Of the first `count` samples. The answer is the largest of a sample's scores (the first of equal
/// ones), or of a single score, whether it is above 0. A label is the class or, as wide as the scores, 1 at its place.
std::int64_t count_correct(const tensor& scores, const tensor& labels, std::int64_t count);

}  // namespace kiln::train
