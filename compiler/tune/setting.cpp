#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include <kiln/compiler/bench/fma_peak.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/tune/record.hpp>

namespace kiln::tune {
namespace {

/// Data and unified caches of the first processor, as the system states them.
std::string caches_text() {
    std::string text;
    for (int index = 0;; ++index) {
        const std::string folder = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/", index);
        std::string level, type, size;
        if (!(std::ifstream(folder + "level") >> level)) return text;
        std::ifstream(folder + "type") >> type;
        std::ifstream(folder + "size") >> size;
        if (type != "Instruction") text += fmt::format("{}L{} {}", text.empty() ? "" : ", ", level, size);
    }
}

}  // namespace

setting setting_here(const std::string& target, schedules::precision allowed, int threads) {
    return {bench::cpu_name(),
            caches_text(),
            target,
            allowed == schedules::precision::strict ? "strict" : "bounded",
            compiler::lowering_version(),
            threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))};
}

}  // namespace kiln::tune
