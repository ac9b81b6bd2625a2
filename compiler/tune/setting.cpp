#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include <kiln/compiler/bench/fma_peak.hpp>
#include <kiln/compiler/lower/lower.hpp>
#include <kiln/compiler/tune/record.hpp>

namespace kiln::tune {
namespace {

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

/// Many processors call themselves the same ("AMD EPYC"): their family and model tell them apart.
std::string cpu_text() {
    const std::string family = cpuinfo("cpu family"), model = cpuinfo("model");
    return family.empty() ? bench::cpu_name() : fmt::format("{}, family {} model {}", bench::cpu_name(), family, model);
}

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
    return {cpu_text(),
            caches_text(),
            target,
            allowed == schedules::precision::strict ? "strict" : "bounded",
            compiler::lowering_version(),
            threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))};
}

}  // namespace kiln::tune
