// The gradient of a convolution's filter: a block of channels and taps x filters is kept in registers while the sum
// over positions and samples runs outside it, like the direct convolution's with positions and the reduction exchanged.
//
//   for part of the positions:  for filters, taps, channels:  acc[channels, taps][filters] = 0
//     for positions of the part:  acc += x[position + tap, channels] * dy[position, filters]
//     dw[..] += acc
//
// A part is as much of x and dy as a cache holds while all blocks go over it: the second-level one, or where registers
// are few, and a step's sums so few that it would wait for that, the first-level one. Threads share filters and taps,
// so that every sum is taken in the same order whatever their number: of all parts, or inside each part, which is then
// read from memory once instead of once for every task.
//
// Parameters: {lanes, along_channels, vectors, tile, tile_x, tile_y, part, by_part, tasks}: vector width; whether
// channels fill the vectors (1) or filters (0); vectors a block; how many of the other a block; taps along x and y a
// block; rows of dy a part, of one plane, of whole planes or of whole samples; whether tasks are inside a part; tasks.
#pragma once

#include <kiln/schedules/family.hpp>

namespace kiln::schedules {

struct filter_gradient_parameters {
    std::int32_t lanes = 1, along_channels = 0, vectors = 1, tile = 1, tile_x = 1, tile_y = 1;
    std::int32_t part = 1, by_part = 0, tasks = 1;
};

/// Outputs along y and z and samples of a part, or how many parts there are along each.
struct filter_gradient_extents {
    std::int32_t rows = 1, planes = 1, samples = 1;
    friend bool operator==(const filter_gradient_extents&, const filter_gradient_extents&) = default;
};

filter_gradient_parameters filter_gradient_parameters_of(const kernel& k);
/// Cycles of the whole kernel on one core, by estimate.
double filter_gradient_cycles(const kernel& k, const machine& m, const filter_gradient_parameters& p);
filter_gradient_extents filter_gradient_part(const kernel& k);
filter_gradient_extents filter_gradient_parts(const kernel& k);

schedule schedule_of(const filter_gradient_parameters& p);
void for_each_filter_gradient(const kernel& k, const machine& m,
                              const std::function<void(const filter_gradient_parameters&)>& f);
filter_gradient_parameters filter_gradient_defaults(const kernel& k, const machine& m);
void schedule_filter_gradient(const kernel& k, const filter_gradient_parameters& p, stages& s);

}  // namespace kiln::schedules
