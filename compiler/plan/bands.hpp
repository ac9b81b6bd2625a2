// Runs neighbouring layers by bands of rows instead of one after the other, so that what one writes is still in the
// second-level cache when the next reads it (Alwani, Chen, Ferdman, Milder 2016, doi:10.1109/MICRO.2016.7783725, who
// fuse layers so on an FPGA; here the whole tensor is kept, so no row is computed twice).
//
//   before:  conv1 (112 rows), conv2 (112 rows)
//   after:   conv1 (rows 0 to 29), conv2 (rows 0 to 28), conv1 (rows 29 to 57), conv2 (rows 28 to 56), ...
//
// A layer with a window of three rows needs one more than it writes: the layer before goes ahead by as many.
#pragma once

#include <vector>

#include <kiln/compiler/plan/call.hpp>
#include <kiln/schedules/machine.hpp>

namespace kiln::plan {

/// The same work, cut into bands where tensors between layers are more than stays in the second-level caches of so many
/// threads. Calls are in the order of their execution, before their schedules are chosen.
std::vector<call> in_bands(std::vector<call> calls, const schedules::machine& m, std::int32_t threads);

}  // namespace kiln::plan
