#include <kiln/compiler/bench/bandwidth.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <latch>
#include <limits>
#include <numeric>
#include <thread>
#include <vector>

#include <kiln/compiler/aligned_block.hpp>

namespace kiln::bench {
namespace {

constexpr std::size_t bytes = std::size_t{256} << 20;
constexpr int passes = 8;

constexpr std::size_t line = 64;  // bytes of a cache line

/// Touches every line of `size` bytes, in so many streams side by side, and reads nothing else of it: memory brings
/// whole lines, and more loads would only be more instructions to wait for.
template <std::size_t Streams>
std::uint64_t touch_lines(const std::byte* from, std::size_t size) {
    const std::size_t share = size / Streams / line * line;
    std::array<std::uint64_t, Streams> sums{};  // one a stream, so that loads do not wait for additions
    for (std::size_t at = 0; at < share; at += line)
        for (std::size_t i = 0; i < Streams; ++i) {
            std::uint64_t value;
            std::memcpy(&value, from + i * share + at, sizeof value);
            sums[i] += value;
        }
    return std::accumulate(sums.begin(), sums.end(), std::uint64_t{0});
}

/// How many streams a core's prefetchers follow best differs.
constexpr std::array readers{touch_lines<1>, touch_lines<2>, touch_lines<4>};

/// The slowest thread's seconds, when all read their share of the block with `read` at once.
double seconds_of(std::uint64_t (*read)(const std::byte*, std::size_t), const std::byte* block, std::size_t share,
                  int threads) {
    std::latch ready(threads);
    std::vector<double> seconds(static_cast<std::size_t>(threads));
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < seconds.size(); ++i)
        workers.emplace_back([&, i] {
            ready.arrive_and_wait();
            const auto start = std::chrono::steady_clock::now();
            volatile std::uint64_t keep = read(block + i * share, share);
            (void)keep;
            seconds[i] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        });
    workers.clear();
    return *std::ranges::max_element(seconds);
}

}  // namespace

double measure_bandwidth(int threads) {
    compiler::aligned_block block;
    block.resize(bytes);
    std::memset(block.data(), 1, bytes);
    const std::size_t share = bytes / static_cast<std::size_t>(threads) / 512 * 512;
    double best = std::numeric_limits<double>::infinity();
    for (int pass = 0; pass < passes; ++pass)
        for (const auto read : readers) best = std::min(best, seconds_of(read, block.data(), share, threads));
    return static_cast<double>(share) * threads * 1e-9 / best;
}

}  // namespace kiln::bench
