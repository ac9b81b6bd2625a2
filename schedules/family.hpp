// The schedule families: which one takes a kernel, with what parameters, and how it shapes the loops.
#pragma once

#include <functional>
#include <vector>

#include <kiln/schedules/kernel.hpp>
#include <kiln/schedules/machine.hpp>
#include <kiln/schedules/scratch.hpp>

namespace kiln::schedules {

struct stages;

/// What may be computed with other roundings than the operator's definition has.
enum class precision : std::int32_t {
    strict,   // nothing: every sum is a sum of the products the definition names
    bounded,  // convolutions may be Winograd's or Strassen's, whose rounding errors are larger
};

/// The family and default parameters for a kernel on a machine, by rules from its extents, the vector width, the
/// number of registers and the caches. A kernel that pools its anchor's values gets one that can, whatever is allowed.
schedule default_schedule(const kernel& k, const machine& m, precision allowed);

/// Whether there is a schedule that can pool the anchor's values as the kernel wants it (kernel::pool): Winograd's, in
/// whose tiles windows lie.
bool can_pool(const kernel& k, const machine& m);

/// Whether the family is one of Winograd's two.
bool is_winograd(family which);

/// All legal schedules for the kernel, each once, the default first.
std::vector<schedule> candidates(const kernel& k, const machine& m, precision allowed);

/// Sets k.how, and how each weight operand is packed, which is part of the family.
void set_schedule(kernel& k, const schedule& how);

/// Sets the default schedule.
void choose(kernel& k, const machine& m, precision allowed);

/// Who else may decide: a test, a tuner.
using chooser = std::function<void(kernel&, const machine&)>;

/// What k.how needs of the arena while the kernel runs.
scratch scratch_of(const kernel& k);

/// Schedules `s`, the stages of `k`, by k.how.
void apply(const kernel& k, const machine& m, stages& s);

/// Operations of the whole kernel, for deciding how many tasks threads should share. Approximate.
std::int64_t work_of(const kernel& k);

/// How many tasks a kernel of `work` operations should be shared out in: enough to balance, none too small.
std::int64_t tasks_for(std::int64_t work);

/// How many rows of `rows`, repeated `repeats` times, one task should take so that a kernel of `work` operations gives
/// threads enough tasks to balance, and none too small to be worth handing over. At least `rows` when it should not be
/// spread at all.
std::int32_t rows_per_task(std::int64_t work, std::int32_t rows, std::int64_t repeats);

}  // namespace kiln::schedules
