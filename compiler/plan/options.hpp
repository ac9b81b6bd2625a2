// What the planner is told besides the graph and the target.
#pragma once

#include <kiln/schedules/family.hpp>

namespace kiln::plan {

struct plan_options {
    schedules::precision precision = schedules::precision::bounded;
    schedules::storage weights =
        schedules::storage::float32;  // of filters where it pays (schedules/stored_weights.hpp)
    schedules::chooser choose{};      // of schedules; the defaults without
    /// How many threads the arena has room for; more do their work less well side by side. 0: as many as this machine
    /// has processors.
    int threads = 0;
};

}  // namespace kiln::plan
