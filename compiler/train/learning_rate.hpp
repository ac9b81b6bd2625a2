// learning_rate: how large a training's steps are, from its first to its last.
#pragma once

#include <cstdint>

namespace kiln::train {

enum class rate_schedule {
    constant,
    step,    // times `factor` after every `every` epochs
    cosine,  // down to 0 along half a cosine (Loshchilov, Hutter 2017, arXiv:1608.03983, equation 5, without restarts)
};

struct rate_options {
    double rate = 1e-3;  // the largest
    rate_schedule schedule = rate_schedule::constant;
    double warm_up = 0;  // epochs in which it grows to `rate` in equal parts; the schedule follows after them
    double every = 10;   // epochs
    double factor = 0.1;
};

/// Of step `step` (from 0) in a training of `epochs` epochs with `steps_per_epoch` steps each.
double learning_rate(const rate_options& o, std::int64_t step, std::int64_t steps_per_epoch, std::int64_t epochs);

}  // namespace kiln::train
