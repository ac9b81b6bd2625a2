// A kernel's algorithm: parameters with their fixed strides, the anchor, the epilogue, the output.
#pragma once

#include <kiln/compiler/lower/definition.hpp>

namespace kiln::compiler {

/// Defines all of `k` but its schedule. `k` must outlive the result.
definition define(const schedules::kernel& k);

}  // namespace kiln::compiler
