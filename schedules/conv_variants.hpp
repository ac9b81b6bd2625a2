// The two convolutions a register block of filters does not suit.
//
// narrow: too few filters to fill a vector (edge filters, LeNet's first layer): positions along x do, and a block of
//   filters x rows of them is kept in registers. Where it can be, the output has a plane for each channel
//   (plan::buffer::planar), so that a vector is stored at once.
//   Parameters: {lanes, filters, rows}: positions a vector; filters and rows a register block.
// depthwise: one input channel and one filter a group: channels fill the vector, the window is unrolled. A block of
//   channels is gone over for all rows before the next, and a strip of their positions before the next, so that rows
//   wait in the first-level cache for the window.
//   Parameters: {lanes, tile, block, strip}: channels a vector; positions along x a tile; channels a block; positions
//   of a strip (0: all of a row).
#pragma once

#include <kiln/schedules/family.hpp>

namespace kiln::schedules {

struct narrow_parameters {
    std::int32_t lanes = 4, filters = 1, rows = 1;
};

schedule schedule_of(const narrow_parameters& p);
void for_each_narrow_conv(const kernel& k, const machine& m, const std::function<void(const narrow_parameters&)>& f);
narrow_parameters narrow_conv_defaults(const kernel& k, const machine& m);
void schedule_narrow_conv(const kernel& k, const narrow_parameters& p, stages& s);

/// Whether the family is the one for so many filters a group and outputs along x: fewer filters than half a vector, or
/// than eight where the input's positions along x lie side by side.
bool is_narrow(std::int32_t filters, std::int32_t width, bool side_by_side, const machine& m);

struct depthwise_parameters {
    std::int32_t lanes = 4, tile = 1, block = 4, strip = 0;
};

schedule schedule_of(const depthwise_parameters& p);
depthwise_parameters depthwise_parameters_of(const schedule& how);
void for_each_depthwise_conv(const kernel& k, const machine& m,
                             const std::function<void(const depthwise_parameters&)>& f);
depthwise_parameters depthwise_conv_defaults(const kernel& k, const machine& m);
void schedule_depthwise_conv(const kernel& k, const depthwise_parameters& p, stages& s);

}  // namespace kiln::schedules
