#include <kiln/compiler/tune/kernel_runner.hpp>

#include <fmt/format.h>

#include <chrono>

#include <kiln/runtime/error.hpp>

namespace kiln::tune {
namespace {

using clock = std::chrono::steady_clock;

// A clock that ticks every few tens of nanoseconds is exact to a thousandth over this.
constexpr double least_sample_ms = 0.03;

}  // namespace

void fill_for_timing(compiler::aligned_block& block) {
    auto* values = reinterpret_cast<float*>(block.data());
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < block.size() / sizeof(float); ++i) {
        state = state * 1664525U + 1013904223U;  // Numerical Recipes' quick generator, section 7.1
        values[i] = (static_cast<float>(state >> 8) * 0x1p-24F - 0.5F) * 0.125F;
    }
}

kernel_runner::kernel_runner(const std::string& object, const plan::plan& p, const compiler::aligned_block& pool,
                             std::byte* arena, int threads)
    : object_(object, "kernel"),
      pool_(pool),
      arena_(arena),
      stride_((static_cast<std::size_t>(p.weights_bytes) + 4095) / 4096 * 4096) {
    object_.set_threads(threads);
    for (run(); sample_with(repeats_) * repeats_ < least_sample_ms && repeats_ < 1 << 20;) repeats_ *= 2;
}

void kernel_runner::run() {
    const int code = object_.execute()(pool_.data() + at_, nullptr, nullptr, arena_, 0, 1);
    if (code != 0) throw error(fmt::format("the kernel returned {}", code));
    at_ += stride_;
    if (at_ + stride_ > pool_.size()) at_ = 0;
}

double kernel_runner::sample_with(int repeats) {
    const auto start = clock::now();
    for (int i = 0; i < repeats; ++i) run();
    return std::chrono::duration<double, std::milli>(clock::now() - start).count() / repeats;
}

}  // namespace kiln::tune
