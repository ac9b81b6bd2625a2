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
// Or by parts, without a branch: each register block asks for another part of the lines. With more register blocks than
// lines a step, a line is asked for in some steps one after another, which costs no more: all blocks have to be busy
// until the last, because lines that are asked for in a burst come slower than they would one by one.
//
//   for (block, 0, 9) for (step, 0, 256) prefetch(weights, line (block % 8) * 64 + step / 4)                of 512
#pragma once

#include <Halide.h>

#include <kiln/schedules/register_block.hpp>
#include <vector>

namespace kiln::compiler {

inline constexpr int bytes_of_a_line = 64;

/// Which turn of the loop it is, from 0 on.
inline Halide::Expr turn_of(const Halide::Internal::For* loop) {
    return Halide::Internal::Variable::make(Halide::Int(32), loop->name) - loop->min;
}

/// A lowering pass, for Func::add_custom_lowering_pass. Prefetched elements lie side by side.
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
                                    const std::vector<const Halide::Internal::For*>& loops) const;
    /// The loops over register blocks with the same weights, innermost first.
    std::vector<const Halide::Internal::For*> register_blocks() const;

    schedules::sharing_of_prefetches sharing_;
    std::vector<const Halide::Internal::For*> around_;
    const Halide::Internal::For* over_lines_ = nullptr;  // the loop over lines whose body is visited
};

}  // namespace kiln::compiler
