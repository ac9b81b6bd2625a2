#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void gradient(gradient_context& c) { c.contribute(0, c.reshape(c.gradient(), c.sample(c.operand(0)))); }

}  // namespace

operator_row reshape_row() { return {.any_type = keep_order, .gradient = gradient}; }

}  // namespace kiln::compiler
