// exp(x) as plain arithmetic on floats, so that it vectorises on every target and gives the same bits in vector and
// scalar code. Relative error below 2e-7 for x in [-87, 88]; beyond, x counts as the nearer end: the result is always
// finite and above 0.
#pragma once

namespace Halide {
class Expr;
}

namespace kiln::compiler {

Halide::Expr exponential(const Halide::Expr& x);

}  // namespace kiln::compiler
