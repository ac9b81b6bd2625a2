// From the compiler's shapes to those of tensors.
#pragma once

#include <cstdint>
#include <vector>

#include <kiln/dsl/dims.hpp>

namespace kiln {

/// The shape of a tensor with these dims.
inline std::vector<std::int64_t> extents_of(const dims& d) { return {d.extent.begin(), d.extent.begin() + d.rank}; }

}  // namespace kiln
