// The functions of the C library that an object may need: libc's, libm's and libpthread's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln::compiler {

bool is_system_symbol(std::string_view name);

/// The names an object file leaves undefined, sorted. Throws kiln::error when `object` is not one.
std::vector<std::string> undefined_symbols(std::string_view object);

}  // namespace kiln::compiler
