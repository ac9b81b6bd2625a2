// The schedule families: which one takes a kernel, with what parameters, and how it shapes the loops.
#pragma once

#include <kiln/schedules/kernel.hpp>
#include <kiln/schedules/machine.hpp>

namespace kiln::schedules {

struct stages;

/// The family and default parameters for a kernel on a machine, by rules from its extents, the vector width and the
/// number of registers. Also sets how each weight operand is packed, which is part of the family.
void choose(kernel& k, const machine& m);

/// Schedules `s`, the stages of `k`, by k.how.
void apply(const kernel& k, const machine& m, stages& s);

/// Operations of the whole kernel, for deciding how many tasks threads should share. Approximate.
std::int64_t work_of(const kernel& k);

/// How many rows of `rows`, repeated `repeats` times, one task should take so that a kernel of `work` operations gives
/// threads enough tasks to balance, and none too small to be worth handing over. At least `rows` when it should not be
/// spread at all.
std::int32_t rows_per_task(std::int64_t work, std::int32_t rows, std::int64_t repeats);

}  // namespace kiln::schedules
