// The table of operators for people: docs/operators.md, and `kiln list --operators`.
#pragma once

#include <string>

namespace kiln::compiler {

/// In Markdown, a row for each operator of ops.def.
std::string operators_in_markdown();

}  // namespace kiln::compiler
