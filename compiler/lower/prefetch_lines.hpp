// Makes Halide's prefetches touch each cache line of what is to be prefetched.
//
//   before:  for (line, 0, 2) prefetch(weights, line * 64 + first, ...)      64 elements: 256 bytes
//   after:   for (line, 0, 2) prefetch(weights, line * 16 + first, ...)      16 elements: one line
//
// Halide splits a prefetch into lines, but counts their distance in bytes where its intrinsic wants elements.
#pragma once

#include <Halide.h>

namespace kiln::compiler {

/// A lowering pass, for Func::add_custom_lowering_pass. Prefetched elements are of four bytes, side by side.
class prefetch_lines : public Halide::Internal::IRMutator {
protected:
    using Halide::Internal::IRMutator::visit;
    Halide::Internal::Stmt visit(const Halide::Internal::For* loop) override;
};

}  // namespace kiln::compiler
