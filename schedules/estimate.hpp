// How long a kernel should take under a schedule, before anybody has measured it: what a search tries first.
#pragma once

#include <kiln/schedules/family.hpp>

namespace kiln::schedules {

/// Cycles until `threads` of them are done, by the family's own count of instructions and of bytes from the caches.
/// Good for comparing schedules of one kernel; ties are common, since not every parameter is modelled.
double estimated_cycles(const kernel& k, const machine& m, const schedule& how, int threads);

}  // namespace kiln::schedules
