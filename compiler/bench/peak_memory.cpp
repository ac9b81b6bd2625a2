#include <kiln/compiler/bench/peak_memory.hpp>

#include <fstream>
#include <string>

namespace kiln::bench {

std::int64_t peak_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        std::int64_t kibibytes = 0;
        if (word == "VmHWM:" && status >> kibibytes) return 1024 * kibibytes;
    }
    return 0;
}

}  // namespace kiln::bench
