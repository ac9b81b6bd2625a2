// From the compiler's shapes to those of tensors, and back.
#pragma once

#include <cstdint>
#include <vector>

#include <kiln/dsl/dims.hpp>

namespace kiln {

/// The shape of a tensor with these dims.
inline std::vector<std::int64_t> extents_of(const dims& d) { return {d.extent.begin(), d.extent.begin() + d.rank}; }

/// The way back. At most max_rank axes.
inline dims dims_of(const std::vector<std::int64_t>& shape) {
    dims d;
    for (const std::int64_t extent : shape) d[d.rank++] = static_cast<std::int32_t>(extent);
    return d;
}

}  // namespace kiln
