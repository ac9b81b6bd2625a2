// Makes Halide's prefetches touch each cache line of what is to be prefetched.
//
//   before:  for (line, 0, 2) prefetch(weights, line * 64 + first, ...)      64 elements: 256 bytes
//   after:   for (line, 0, 2) prefetch(weights, line * 16 + first, ...)      16 elements: one line
//
// Halide splits a prefetch into lines, but counts their distance in bytes where its intrinsic wants elements.
//
// What the next block of filters needs can be prefetched while any of this block's register blocks is computed. They
// share the work: each prefetches at every so many-th step of its reduction, so that every line is asked for once.
//
//   for (block, 0, 9) for (step, 0, 256) if (step % 9 == block) prefetch(...)
#pragma once

#include <Halide.h>

#include <vector>

namespace kiln::compiler {

/// A lowering pass, for Func::add_custom_lowering_pass. Prefetched elements are of four bytes, side by side.
class prefetch_lines : public Halide::Internal::IRMutator {
public:
    explicit prefetch_lines(bool blocks_share) : share(blocks_share) {}

protected:
    using Halide::Internal::IRMutator::visit;
    Halide::Internal::Stmt visit(const Halide::Internal::For* loop) override;
    Halide::Internal::Stmt visit(const Halide::Internal::Evaluate* statement) override;  // of a single line

private:
    /// Prefetched lines where register blocks share them.
    Halide::Internal::Stmt shared(const Halide::Internal::Stmt& lines) const;

    bool share;
    std::vector<const Halide::Internal::For*> around;
};

}  // namespace kiln::compiler
