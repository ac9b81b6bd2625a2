// utf8: names that come from files, which may be any bytes, made safe to write to other files and to show to people.
#pragma once

#include <string>
#include <string_view>

namespace kiln {

/// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
bool is_utf8(std::string_view bytes);

/// Whether the bytes are well-formed UTF-8 without control characters, which steer terminals.
bool is_printable(std::string_view bytes);

/// The name in single quotes on one line: control characters and bytes that are not UTF-8 as
/// \xNN, long names cut after about 120 characters.
std::string in_quotes(std::string_view name);

}  // namespace kiln
