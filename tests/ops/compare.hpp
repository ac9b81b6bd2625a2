// Compares a compiled network's outputs with the reference's.
#pragma once

#include <algorithm>
#include <cmath>

#include <kiln/runtime/tensor.hpp>

namespace kiln::testing {

/// The largest difference, relative to the largest expected value (at least 1): sums of thousands of float32 products
/// in another order differ in their last bits.
inline double relative_difference(const tensor& found, const tensor& expected) {
    double largest = 1, worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) largest = std::max(largest, std::abs(number_at(expected, i)));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double d = std::abs(number_at(found, i) - number_at(expected, i));
        worst = std::isnan(d) ? INFINITY : std::max(worst, d);
    }
    return worst / largest;
}

}  // namespace kiln::testing
