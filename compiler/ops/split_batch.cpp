#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void gradient(gradient_context& c) { c.contribute(0, c.merged(c.gradient())); }

}  // namespace

operator_row split_batch_row() { return {.any_type = keep_order, .gradient = gradient}; }

}  // namespace kiln::compiler
