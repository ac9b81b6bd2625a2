// The target's instruction sets as Halide's runtime takes them for its check of the processor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::compiler {

/// One bit a feature, as halide_can_use_target_features expects them. Requires a target Halide can parse.
std::vector<std::uint64_t> feature_words(const std::string& target);

}  // namespace kiln::compiler
