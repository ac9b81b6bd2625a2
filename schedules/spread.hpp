// Spreads a scheduled function's outer loops over threads.
#pragma once

#include <kiln/schedules/family.hpp>
#include <kiln/schedules/stages.hpp>

namespace kiln::schedules {

/// A loop over blocks of channels.
struct block_loop {
    const Halide::Var* var = nullptr;  // null: there is none
    std::int32_t count = 1;
    bool outside = false;  // of the loop over samples
};

/// Before: ... y, z, [block,] n, as the loops of `s.result`, innermost first, `inner` those below y.
/// After: one parallel loop over (y in tasks of several rows, z, block, n), or none for a small kernel.
/// y may have been split, into steps of `step` rows. Returns the innermost loop around the rows of a task.
inline Halide::Var spread(const kernel& k, stages& s, std::vector<Halide::VarOrRVar> inner,
                          const block_loop& block = {}, std::int32_t step = 1) {
    Halide::Func f = s.result;
    const auto& e = k.output.extent;
    const std::int64_t repeats = std::int64_t(block.count) * e[3] * e[4] * e[5] * e[6] * e[7];
    const std::int64_t work = work_of(k);
    const std::int32_t steps = (e[2] + step - 1) / step, rows = rows_per_task(work, steps, repeats);
    const bool split_rows = rows < steps;
    Halide::Var outer_y("outer_y"), inner_y("inner_y"), task("task");
    if (split_rows) {
        f.split(s.y, outer_y, inner_y, rows, Halide::TailStrategy::GuardWithIf);
        inner.emplace_back(inner_y);
        inner.emplace_back(outer_y);
    } else {
        inner.emplace_back(s.y);
    }
    inner.emplace_back(s.z);
    std::vector<Halide::Var> outer{s.n};
    if (block.var) outer.insert(block.outside ? outer.end() : outer.begin(), *block.var);
    if (s.wide) outer.insert(outer.end(), {s.u, s.v, s.w});
    inner.insert(inner.end(), outer.begin(), outer.end());
    f.reorder(inner);
    if (!split_rows && rows_per_task(work, 2, 1) == 2) return s.z;  // one task's worth: stay on the caller's thread
    Halide::Var fused = split_rows ? outer_y : s.z;
    if (split_rows) f.fuse(fused, s.z, task), fused = task;
    for (const Halide::Var& axis : outer) {
        Halide::Var all("task_" + axis.name());
        f.fuse(fused, axis, all);
        fused = all;
    }
    f.parallel(fused);
    return fused;
}

}  // namespace kiln::schedules
