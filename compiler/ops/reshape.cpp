#include <kiln/compiler/ops/moves.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

operator_row reshape_row() { return {nullptr, nullptr, keep_order}; }

}  // namespace kiln::compiler
