// What tuning found: for one kernel in one setting, the schedule that beats the default.
#pragma once

#include <string>
#include <vector>

#include <kiln/schedules/family.hpp>
#include <kiln/schedules/kernel.hpp>

namespace kiln::tune {

/// All that a measurement depends on besides the kernel and its schedule. Records of another setting are never used.
struct setting {
    std::string cpu;        // "AMD EPYC, family 26 model 2"
    std::string caches;     // "L1 48K, L2 1024K, L3 32768K"
    std::string target;     // resolved, with every feature
    std::string precision;  // "bounded" or "strict": what the search could choose from
    std::string version;    // of Kiln, Halide and LLVM
    int threads = 1;
    friend bool operator==(const setting&, const setting&) = default;
};

/// The setting of this machine. `target`: resolved. `threads`: 0 stands for one for each processor.
setting setting_here(const std::string& target, schedules::precision allowed, int threads);

struct record {
    std::string kernel;         // schedules::problem_of
    std::string summary;        // for people
    schedules::schedule usual;  // the default that was beaten; where it is another by now, the record is not used
    schedules::schedule best;
    double usual_ms = 0, best_ms = 0;
};

}  // namespace kiln::tune
