#include <kiln/compiler/bench/fma_peak.hpp>

#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <latch>
#include <thread>
#include <vector>

namespace kiln::bench {
namespace {

// A multiply-add takes about four cycles and two start in each: eight chains hide that, more do no harm as long as they
// fit the registers (16, or 32 with AVX-512 and NEON).
template <class Vector, int Chains>
[[gnu::always_inline]] inline float run_chains(long rounds) {
    Vector sum[Chains];
    for (int c = 0; c < Chains; ++c) sum[c] = Vector{} + 1.0F + static_cast<float>(c);
    Vector factor = Vector{} + 0.999F, term = Vector{} + 0.001F;
    asm volatile("" : "+m"(factor), "+m"(term));  // not constants, or the loop is computed away
    const Vector f = factor, t = term;
    for (long round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
        for (int c = 0; c < Chains; ++c) sum[c] = sum[c] * f + t;
    }
    float total = 0;
    for (int c = 0; c < Chains; ++c) total += sum[c][0];
    return total;
}

template <int Bytes>
struct vector_of {
    typedef float type __attribute__((vector_size(Bytes)));
};

struct instruction_set {
    const char* name;
    bool (*present)();
    float (*run)(long rounds);
    double flops_per_round;
};

#if defined(__x86_64__)
[[gnu::target("avx512f,fma")]] float run_avx512(long rounds) { return run_chains<vector_of<64>::type, 24>(rounds); }
[[gnu::target("avx2,fma")]] float run_avx2(long rounds) { return run_chains<vector_of<32>::type, 12>(rounds); }
float run_sse2(long rounds) { return run_chains<vector_of<16>::type, 12>(rounds); }

constexpr instruction_set sets[] = {
    {"AVX-512", [] { return __builtin_cpu_supports("avx512f") > 0; }, run_avx512, 24 * 16 * 2},
    {"AVX2", [] { return __builtin_cpu_supports("avx2") > 0 && __builtin_cpu_supports("fma") > 0; }, run_avx2,
     12 * 8 * 2},
    {"SSE2", [] { return true; }, run_sse2, 12 * 4 * 2},
};
#else
float run_four_wide(long rounds) { return run_chains<vector_of<16>::type, 24>(rounds); }
constexpr instruction_set sets[] = {{"NEON", [] { return true; }, run_four_wide, 24 * 4 * 2}};
#endif

const instruction_set& widest() {
    return *std::ranges::find_if(sets, [](const instruction_set& s) { return s.present(); });
}

double seconds_of(const instruction_set& set, long rounds, int threads) {
    std::latch ready(threads);
    std::vector<double> seconds(static_cast<std::size_t>(threads));
    std::vector<std::jthread> workers;
    for (int i = 0; i < threads; ++i)
        workers.emplace_back([&, i] {
            ready.arrive_and_wait();
            const auto start = std::chrono::steady_clock::now();
            volatile float keep = set.run(rounds);
            (void)keep;
            seconds[static_cast<std::size_t>(i)] =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        });
    workers.clear();
    return *std::ranges::max_element(seconds);
}

/// The value of a line "key : value" of /proc/cpuinfo; empty if there is none.
std::string cpuinfo(const std::string& key) {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);) {
        const std::size_t colon = line.find(": ");
        if (colon == std::string::npos || !line.starts_with(key)) continue;
        if (line.find_first_not_of(" \t", key.size()) == line.find(':')) return line.substr(colon + 2);
    }
    return {};
}

}  // namespace

fma_peak measure_fma_peak(int threads) {
    const instruction_set& set = widest();
    long rounds = 1 << 16;
    while (seconds_of(set, rounds, threads) < 0.01) rounds *= 2;  // also wakes the clock up
    double best = seconds_of(set, rounds, threads);
    for (int repeat = 0; repeat < 24; ++repeat) best = std::min(best, seconds_of(set, rounds, threads));
    return {static_cast<double>(rounds) * set.flops_per_round * threads / best * 1e-9, set.name};
}

std::string cpu_name() {
    const std::string name = cpuinfo("model name"), family = cpuinfo("cpu family"), number = cpuinfo("model");
    utsname system{};
    if (name.empty()) return uname(&system) == 0 ? system.machine : "unknown";
    return family.empty() ? name : name + ", family " + family + " model " + number;
}

}  // namespace kiln::bench
