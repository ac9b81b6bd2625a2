// A kernel's object, loaded and timed apart from its network.
#pragma once

#include <cstddef>
#include <string>

#include <kiln/compiler/aligned_block.hpp>
#include <kiln/compiler/load/jit.hpp>
#include <kiln/compiler/plan/plan.hpp>

namespace kiln::tune {

/// Values that are neither zero nor denormal, so that nothing is slower or faster than in a network.
void fill_for_timing(compiler::aligned_block& block);

/// Runs the object of a single kernel (single_kernel.hpp) on memory that it shares with others: each call takes its
/// weights from the next part of `pool`, so that they are as cold as in a network of that size.
class kernel_runner {
public:
    /// `p`: plan_of the kernel. `pool`, at least its weights, and `arena` must outlive this. Runs it once or more.
    kernel_runner(const std::string& object, const plan::plan& p, const compiler::aligned_block& pool, std::byte* arena,
                  int threads);

    /// Milliseconds of one call, the mean of so many that the clock is exact. Throws kiln::error when it fails.
    double sample() { return sample_with(repeats_); }

private:
    void run();
    double sample_with(int repeats);

    compiler::loaded_object object_;
    const compiler::aligned_block& pool_;
    std::byte* arena_;
    std::size_t stride_, at_ = 0;
    int repeats_ = 1;
};

}  // namespace kiln::tune
