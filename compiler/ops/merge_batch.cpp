#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void gradient(gradient_context& c) { c.contribute(0, c.split_as(c.gradient(), c.operand(0))); }

}  // namespace

operator_row merge_batch_row() { return {.any_type = keep_order, .gradient = gradient}; }

}  // namespace kiln::compiler
