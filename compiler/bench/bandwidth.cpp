#include <kiln/compiler/bench/bandwidth.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <latch>
#include <thread>
#include <vector>

#include <kiln/compiler/aligned_block.hpp>

namespace kiln::bench {
namespace {

constexpr std::size_t bytes = std::size_t{256} << 20;
constexpr int passes = 8;

typedef std::uint64_t words __attribute__((vector_size(64)));

/// Reads it all; eight sums, so that loads do not wait for additions.
std::uint64_t read_through(const std::byte* from, std::size_t size) {
    words sums[8] = {};
    for (std::size_t at = 0; at + sizeof sums <= size; at += sizeof sums)
        for (std::size_t i = 0; i < 8; ++i) {
            words value;
            std::memcpy(&value, from + at + i * sizeof value, sizeof value);
            sums[i] += value;
        }
    words all{};
    for (const words& s : sums) all += s;
    return all[0];
}

}  // namespace

double measure_bandwidth(int threads) {
    compiler::aligned_block block;
    block.resize(bytes);
    std::memset(block.data(), 1, bytes);
    const std::size_t share = bytes / static_cast<std::size_t>(threads) / 512 * 512;
    double best = 0;
    for (int pass = 0; pass < passes; ++pass) {
        std::latch ready(threads);
        std::vector<double> seconds(static_cast<std::size_t>(threads));
        std::vector<std::jthread> readers;
        for (std::size_t i = 0; i < static_cast<std::size_t>(threads); ++i)
            readers.emplace_back([&, i] {
                ready.arrive_and_wait();
                const auto start = std::chrono::steady_clock::now();
                volatile std::uint64_t keep = read_through(block.data() + i * share, share);
                (void)keep;
                seconds[i] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            });
        readers.clear();
        const double gigabytes = static_cast<double>(share) * threads * 1e-9;
        best = std::max(best, gigabytes / *std::ranges::max_element(seconds));
    }
    return best;
}

}  // namespace kiln::bench
