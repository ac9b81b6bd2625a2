// Some anchors are computed by loops of another operator's shape: their operands' axes are exchanged.
#pragma once

#include <kiln/schedules/kernel.hpp>

namespace kiln::plan {

/// Turns the views of a kernel whose anchor is the operator `anchor`, on a first operand of `rank` axes: of a dense
/// layer and of a filter's gradient. All others stay as they are.
void turn_views(schedules::kernel& k, op anchor, int rank);

}  // namespace kiln::plan
