// One function per operator, STEM_row, each defined in its own STEM.cpp. An operator of ops.def without one is an
// error of the linker that names it.
#pragma once

#include <kiln/compiler/ops/operator.hpp>

namespace kiln::compiler {

#define KILN_OPERATOR(stem) operator_row stem##_row();
#include <kiln/dsl/ops/ops.def>
#undef KILN_OPERATOR

}  // namespace kiln::compiler
