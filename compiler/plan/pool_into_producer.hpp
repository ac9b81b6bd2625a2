// Computes max pooling where the convolution before it has its values, so that they never go to memory.
//
//   before:  conv + relu (224 x 224), max_pool 2x2 (112 x 112)
//   after:   conv + max_pool 2x2 + relu (112 x 112)
//
// The windows must lie side by side and inside the tiles that a kernel computes as a whole: those of Winograd's family.
// What follows the convolution must not decrease, so that the largest value stays the largest.
#pragma once

#include <vector>

#include <kiln/compiler/plan/call.hpp>
#include <kiln/compiler/plan/choose.hpp>

namespace kiln::plan {

/// The same work, with such pairs of neighbouring calls as one. Calls are in the order of their execution, before their
/// schedules are chosen; those of the pairs then are.
std::vector<call> pool_into_producers(const std::vector<call>& calls, const layout& memory,
                                      const schedules::machine& machine, call_chooser& chooser);

}  // namespace kiln::plan
