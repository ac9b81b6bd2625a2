// A classifier over larger inputs: its dense layers become convolutions, and it answers for every window (Sermanet et
// al. 2013, "OverFeat", arXiv:1312.6229, section 3.5).
//
//   %0 = input : 1x14x14x3                                          ->  %0 = input : 1x28x28x3
//   ...  %3 : 1x5x5x16                                                  ...  %3 : 1x12x12x16
//   %5 = dense %3, %4 units=400 : 1x400   (%4 : 400x400)                %5 = conv %3, %4 window=5x5 : 1x8x8x400
//                                                                             (%4 : 5x5x16x400)
//
// Weights keep their names and their values in their order. Where nothing pads, the answer at a position is exactly
// what the classifier says of the window there; padded convolutions see a window's neighbours instead of zeros. A
// global pooling becomes one over a window of the old size, a cell at a time.
#pragma once

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::passes {

/// `over`: the extents of one sample of the only input. Throws kiln::error: a network with several inputs, extents that
/// do not fit, a layer that cannot slide (it is named).
ir::graph slide_over(const ir::graph& g, const dims& over);

}  // namespace kiln::passes
