// The two convolutions a register block of filters does not suit.
//
// narrow: fewer filters than half a vector (edge filters, one-channel outputs): positions along x fill the vector.
//   Parameters: {lanes, tile}: positions a vector, vectors a tile.
// depthwise: one input channel and one filter a group: channels fill the vector, the window is unrolled.
//   Parameters: {lanes, tile}: channels a vector, positions along x a tile.
#pragma once

#include <kiln/schedules/family.hpp>

namespace kiln::schedules {

struct variant_parameters {
    std::int32_t lanes = 4, tile = 1;
};

schedule schedule_of(family which, const variant_parameters& p);
void for_each_variant(const kernel& k, const machine& m, family which,
                      const std::function<void(const variant_parameters&)>& f);
variant_parameters narrow_conv_defaults(const kernel& k, const machine& m);
variant_parameters depthwise_conv_defaults(const kernel& k, const machine& m);
void schedule_narrow_conv(const kernel& k, const variant_parameters& p, stages& s);
void schedule_depthwise_conv(const kernel& k, const variant_parameters& p, stages& s);

}  // namespace kiln::schedules
