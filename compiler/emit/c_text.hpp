// Pieces of generated C headers.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include <kiln/compiler/emit/status.hpp>
#include <kiln/dsl/element.hpp>

namespace kiln::compiler {

using substitutions = std::map<std::string, std::string, std::less<>>;

/// `text` with what `values` has for each name between two @.
std::string fill(std::string_view text, const substitutions& values);

/// Text from a model's author, in a comment: it must not end it.
std::string in_comment(std::string_view text);

std::string_view c_type(element e);

/// An enumeration of what functions return, and a function that puts it into words.
std::string statuses(const std::string& function_name, std::span<const status_row> rows);

}  // namespace kiln::compiler
