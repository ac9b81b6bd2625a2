// Makes Halide's prefetches touch each cache line of what is to be prefetched.
//
//   before:  for (line, 0, 2) prefetch(weights, line * 64 + first, ...)      64 elements: 256 bytes
//   after:   for (line, 0, 2) prefetch(weights, line * 16 + first, ...)      16 elements: one line
//
// Halide splits a prefetch into lines, but counts their distance in bytes where its intrinsic wants elements.
//
// What the next block of filters needs can be prefetched while any of this block's register blocks is computed. They
// share the work, by turns, so that every line is asked for once: each prefetches at every so many-th step of its
// reduction.
//
//   for (block, 0, 9) for (step, 0, 256) if (step % 9 == block) prefetch(weights, all lines of the step)
//
// Or by parts, without a branch: a line in each step, and each register block another part of the lines than the one
// before it. If the first one asked for all, they would come in a burst that the third-level cache cannot keep up with.
//
//   for (block, 0, 9) for (step, 0, 256) prefetch(weights, line (block % 2) * 256 + step)                   of 512
#pragma once

#include <Halide.h>

#include <kiln/schedules/register_block.hpp>
#include <vector>

namespace kiln::compiler {

/// A lowering pass, for Func::add_custom_lowering_pass. Prefetched elements are of four bytes, side by side.
class prefetch_lines : public Halide::Internal::IRMutator {
public:
    explicit prefetch_lines(schedules::sharing_of_prefetches sharing) : sharing_(sharing) {}

protected:
    using Halide::Internal::IRMutator::visit;
    Halide::Internal::Stmt visit(const Halide::Internal::For* loop) override;
    Halide::Internal::Stmt visit(const Halide::Internal::Evaluate* statement) override;  // of a single line

private:
    /// The prefetched lines of a step, of which `first` is the first one, in the way that register blocks share them.
    Halide::Internal::Stmt shared(const Halide::Internal::Stmt& lines, const Halide::Internal::Stmt& first,
                                  int count) const;
    Halide::Internal::Stmt by_parts(const Halide::Internal::Stmt& first, int lines,
                                    const Halide::Internal::For& blocks) const;
    /// The loop over register blocks with the same weights; null where there is none.
    const Halide::Internal::For* register_blocks() const;

    schedules::sharing_of_prefetches sharing_;
    std::vector<const Halide::Internal::For*> around_;
    const Halide::Internal::For* over_lines_ = nullptr;  // the loop over lines whose body is visited
};

}  // namespace kiln::compiler
