// What a step sets to zero before it writes: the cells around a buffer that convolutions read as padding.
#pragma once

#include <vector>

#include <kiln/compiler/plan/layout.hpp>
#include <kiln/compiler/plan/packing_steps.hpp>
#include <kiln/compiler/plan/plan.hpp>

namespace kiln::plan {

/// Everything that must be zero around a buffer before its first writer. It must have been placed.
std::vector<zero_fill> zeros_around(const buffer& b);

/// The lanes that fill up the last block of what is packed, in bytes from its begin.
zero_fill zeros_in(const packing_gap& gap, element type);

}  // namespace kiln::plan
