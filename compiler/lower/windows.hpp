// Windows that slide over an activation, for Halide: the cell a tap of the window meets.
#pragma once

#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/window.hpp>

namespace kiln::compiler {

struct window_position {
    std::vector<Halide::Expr> index;  // clamped, with c and n around it
    Halide::Expr inside;              // whether it lies in the input; undefined if always
};

/// Whether the window can reach over the border on an axis.
inline bool may_leave(const ops::window& w, int axis) { return w.pad_before[axis] > 0 || w.pad_after[axis] > 0; }

/// The window's taps, along x first.
Halide::RDom window_domain(const ops::window& w);

/// The cell of the first operand that tap `r` meets.
window_position walk(const definition& d, const ops::window& w, const Halide::RDom& r);

}  // namespace kiln::compiler
