// gradient_buckets: gradients side by side, in the order in which the backward half of a step finishes them, cut into
// buckets. What is finished can then be sent to other processes in messages of a good size, while the rest is computed
// (Li and others 2020, "PyTorch Distributed", VLDB 13, 12: section 3.2.2 and 3.2.3).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <kiln/compiler/aligned_block.hpp>
#include <kiln/compiler/plan/plan.hpp>

namespace kiln::train {

struct gradient_bucket {
    int end_step = 0;         // of the plan: once it has run up to here, nobody reads or writes the values any more
    std::span<float> values;  // zeros lie between the gradients, so that each is aligned
};

class gradient_buckets {
public:
    /// Gradients of `sizes` elements are the outputs of `p` from `first_output` on. A bucket holds at least
    /// `least_bytes`, but the last one.
    gradient_buckets(const plan::plan& p, int first_output, std::span<const std::size_t> sizes,
                     std::size_t least_bytes = default_bytes);

    /// Of output first_output + i.
    std::span<float> gradient(std::size_t i) { return gradients_[i]; }
    std::size_t count() const { return gradients_.size(); }
    /// In the order in which they are finished.
    const std::vector<gradient_bucket>& buckets() const { return buckets_; }

    /// What a message must hold for its own cost not to count.
    static constexpr std::size_t default_bytes = std::size_t{128} << 10;

private:
    compiler::aligned_block block_;
    std::vector<std::span<float>> gradients_;
    std::vector<gradient_bucket> buckets_;
};

}  // namespace kiln::train
