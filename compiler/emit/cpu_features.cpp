#include <Halide.h>

#include <kiln/compiler/emit/cpu_features.hpp>

namespace kiln::compiler {

std::vector<std::uint64_t> feature_words(const std::string& target) {
    const Halide::Target parsed(target);
    std::vector<std::uint64_t> words((halide_target_feature_end + 63) / 64);
    for (int bit = 0; bit < halide_target_feature_end; ++bit)
        if (parsed.has_feature(static_cast<Halide::Target::Feature>(bit)))
            words[static_cast<std::size_t>(bit / 64)] |= std::uint64_t{1} << (bit % 64);
    return words;
}

}  // namespace kiln::compiler
