// Powers of e as plain arithmetic on floats, so that they vectorise on every target and give the same bits in vector
// and scalar code. Beyond [-87, 88], x counts as the nearer end, so results are always finite.
#pragma once

namespace Halide {
class Expr;
}

namespace kiln::compiler {

/// exp(x), above 0; relative error below 2e-7.
Halide::Expr exponential(const Halide::Expr& x);

/// exp(x) - 1, exact to 7e-7 relative near 0 too, where the subtraction would cancel.
Halide::Expr exponential_minus_one(const Halide::Expr& x);

}  // namespace kiln::compiler
