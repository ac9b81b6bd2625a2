// Spreads a scheduled function's outer loops over threads.
#pragma once

#include <kiln/schedules/family.hpp>
#include <kiln/schedules/register_block.hpp>
#include <kiln/schedules/stages.hpp>

namespace kiln::schedules {

/// A loop over blocks of channels.
struct block_loop {
    const Halide::Var* var = nullptr;  // null: there is none
    std::int32_t count = 1;
    bool outside = false;  // of the loop over samples
};

/// The loop a task takes a part of: over rows, or what stands for them.
struct row_loop {
    Halide::VarOrRVar var;
    std::int32_t count = 1;
    std::int32_t chunk = 0;  // so many for each task, and the first of the outer loops goes over them before the next
};

/// What has become of the loops: the innermost one around the rows of a task, and that over these rows.
struct spread_loops {
    Halide::VarOrRVar around_rows, rows;
};

/// How often the rows of a plane are gone over: for each block of channels and along every axis outside.
inline std::int64_t repeats_of(const kernel& k, std::int32_t blocks) {
    const auto& e = k.output.extent;
    return std::int64_t{blocks} * e[3] * e[4] * e[5] * e[6] * e[7];
}

/// Before: ... as the loops of `f`, innermost first: `inner`, rows, `outer`, which repeats rows `repeats` times.
/// After: one parallel loop over (rows in tasks of several, outer), or none for a small kernel.
inline spread_loops spread(const kernel& k, Halide::Stage f, std::vector<Halide::VarOrRVar> inner,
                           const row_loop& all_rows, std::vector<Halide::VarOrRVar> outer, std::int64_t repeats) {
    const std::int64_t work = work_of(k);
    const bool chunks = all_rows.chunk > 0;
    const std::int32_t rows = chunks ? all_rows.chunk : rows_per_task(work, all_rows.count, repeats);
    const bool split_rows = rows < all_rows.count;
    bool reduces = all_rows.var.is_rvar;  // what is made of a loop over a reduction is another
    const auto loop = [&](const std::string& name) {
        return reduces ? Halide::VarOrRVar(Halide::RVar(name)) : Halide::VarOrRVar(Halide::Var(name));
    };
    if (split_rows) {
        const Halide::VarOrRVar outer_y = loop("outer_y"), inner_y = loop("inner_y");
        f.split(all_rows.var, outer_y, inner_y, rows, Halide::TailStrategy::GuardWithIf);
        inner.push_back(inner_y);
        outer.insert(outer.begin() + (chunks ? 1 : 0), outer_y);
    } else {
        inner.push_back(all_rows.var);
        reduces = false;
    }
    const Halide::VarOrRVar of_task = inner.back();
    inner.insert(inner.end(), outer.begin(), outer.end());
    f.reorder(inner);
    if (!split_rows && rows_per_task(work, 2, 1) == 2)
        return {outer[0], of_task};  // one task's worth: stay on the caller's thread
    Halide::VarOrRVar fused = outer[0];
    for (std::size_t i = 1; i < outer.size(); ++i) {
        const Halide::VarOrRVar all = loop("task_" + outer[i].name());
        f.fuse(fused, outer[i], all);
        fused = all;
    }
    if (reduces) f.allow_race_conditions();  // tasks write rows of their own
    f.parallel(fused);
    return {fused, of_task};
}

/// Those loops of `s.result` that are around rows: the block's and the samples'.
inline std::vector<Halide::VarOrRVar> around_rows(const stages& s, const block_loop& block) {
    std::vector<Halide::VarOrRVar> outer{s.n};
    if (block.var) outer.insert(block.outside ? outer.end() : outer.begin(), *block.var);
    if (s.wide) outer.insert(outer.end(), {s.u, s.v, s.w});
    return outer;
}

/// The same for the loops of `s.result`, `inner` those below y, then y, z, [block,] n; with chunks of rows y, block, z,
/// n. y may have been split, into steps of `step` rows.
inline spread_loops spread(const kernel& k, const stages& s, const std::vector<Halide::VarOrRVar>& inner,
                           const block_loop& block = {}, std::int32_t step = 1, std::int32_t chunk = 0) {
    std::vector<Halide::VarOrRVar> outer = around_rows(s, block);
    outer.insert(outer.begin() + (chunk > 0 ? 1 : 0), s.z);
    return spread(k, s.result, inner, {s.y, divided_up(k.output.extent[2], step), chunk}, outer,
                  repeats_of(k, block.count));
}

}  // namespace kiln::schedules
