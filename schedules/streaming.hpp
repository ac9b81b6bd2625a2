// Kernels bound by memory: pooling, local response normalisation, softmax, copies, upsampling and element-wise
// operators. Channels fill the vector (positions along x where there are too few channels).
//
// Parameters of all three families: {lanes, along_x}: vector width, and 1 where x is vectorised instead of channels.
#pragma once

#include <kiln/schedules/family.hpp>

namespace kiln::schedules {

struct streaming_parameters {
    std::int32_t lanes = 1, along_x = 0;
};

/// Fewer channels than this leave a vector that they are to fill too empty: half of it, or eight where positions along
/// x lie side by side and so fill it at no cost.
std::int32_t too_few_channels(bool side_by_side, const machine& m);

/// Whether positions along x fill a vector better than so few channels.
bool goes_along_x(std::int32_t channels, std::int32_t width, bool side_by_side, const machine& m);

/// How many partial statistics softmax keeps per position: the widest of 16, 8 and 4 that divides the channels, else 16
/// with the last ones masked.
std::int32_t softmax_lanes(std::int32_t channels);

/// Whether a max pooling's window is reduced along y first, in whole vectors of columns, so that only the maxima are
/// shuffled: vectors go along x, over windows that lie side by side.
bool reduces_columns_first(const kernel& k);

schedule schedule_of(family which, const streaming_parameters& p);
void for_each_streaming(const kernel& k, const machine& m, const std::function<void(const streaming_parameters&)>& f);
streaming_parameters streaming_defaults(const kernel& k, const machine& m);
void schedule_pointwise(const kernel& k, const streaming_parameters& p, stages& s);
void schedule_pooling(const kernel& k, const streaming_parameters& p, stages& s);
void schedule_softmax(const kernel& k, const streaming_parameters& p, stages& s);

}  // namespace kiln::schedules
