// Names that are spelled almost like a mistaken one, for "did you mean".
#pragma once

#include <span>
#include <string>
#include <vector>

namespace kiln::frontend {

/// Up to three of `names`, the nearest first: few letters differ, or one contains the other.
std::vector<std::string> nearest(const std::string& mistaken, std::span<const std::string> names);

/// " (did you mean a, b?)", or nothing.
std::string did_you_mean(const std::string& mistaken, std::span<const std::string> names);

}  // namespace kiln::frontend
