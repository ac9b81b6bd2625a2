// Names that are safe in generated C and C++.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln::compiler {

/// Letters, digits and underscores, not starting with a digit or an underscore, no keyword of C or C++.
bool is_identifier(std::string_view name);

/// `name` with everything else replaced by underscores: "stage1.conv2" -> "stage1_conv2"; never empty.
std::string identifier_from(std::string_view name);

/// identifier_from each, made distinct from one another and from `taken` by numbers behind.
std::vector<std::string> distinct_identifiers(const std::vector<std::string>& names, std::vector<std::string> taken);

std::string upper_case(std::string_view name);

}  // namespace kiln::compiler
