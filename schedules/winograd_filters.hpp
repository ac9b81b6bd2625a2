// Filters that are computed when the model runs, brought into the domain of frequencies for a Winograd convolution
// (winograd.hpp). A kernel whose input has the axes {lanes of a block, channels, taps along x, along y, blocks} and
// whose output has {lanes of a block, channels, frequencies, 1, blocks}; its attributes are the tile.
//
//   for block, channels:  for vector of lanes:  frequencies = G taps G^T
//
// Where channels lie side by side instead of filters (a transposed filter, as the gradient of a convolution's input
// reads it), a square of taps is loaded along them first and turned in the first-level cache: loads of single numbers
// would each touch a line of their own.
//
// Parameters: {lanes, channels, tasks}: filters a vector; channels turned at a time (0: none are); tasks.
#pragma once

#include <kiln/schedules/family.hpp>

namespace kiln::schedules {

struct winograd_filters_parameters {
    std::int32_t lanes = 4, channels = 0, tasks = 1;
};

winograd_filters_parameters winograd_filters_parameters_of(const kernel& k);
winograd_filters_parameters winograd_filters_defaults(const kernel& k, const machine& m);
schedule schedule_of(const winograd_filters_parameters& p);
void for_each_winograd_filters(const kernel& k, const machine& m,
                               const std::function<void(const winograd_filters_parameters&)>& f);
void schedule_winograd_filters(const kernel& k, const winograd_filters_parameters& p, stages& s);

attribute_words attributes_of(const winograd_tile& tile);
winograd_tile tile_of_filters(const kernel& k);

/// An estimate of the cycles that transforming a convolution's computed filters takes.
double winograd_filters_cycles(const kernel& convolution, const machine& m, const winograd_tile& tile);

}  // namespace kiln::schedules
