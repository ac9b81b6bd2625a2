// Bounds for constants that are computed while compiling. A few bytes can ask for a billion zeros, or for as many
// sums: what may be made grows with what was read, far above any network's need.
#pragma once

#include <cstdint>
#include <span>

#include <kiln/dsl/rule.hpp>

namespace kiln::compiler {

class folding_allowance {
public:
    /// `bytes` of a model have been read.
    void grant(std::uint64_t bytes);
    /// Whether `numbers` more may be made. They count from then on.
    [[nodiscard]] bool take(std::int64_t numbers);

private:
    std::int64_t left_ = 1 << 20;
};

/// What evaluating an operator takes of an allowance: numbers read, written and calculated with.
std::int64_t folding_work(op kind, const attribute_words& words, std::span<const dims> in, const dims& out);

}  // namespace kiln::compiler
