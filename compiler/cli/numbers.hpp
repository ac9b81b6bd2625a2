// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace kiln::cli {

/// "25,557,032"
std::string grouped(std::int64_t number);

/// "102.2 MB": decimal units.
std::string bytes_text(std::int64_t bytes);

}  // namespace kiln::cli
