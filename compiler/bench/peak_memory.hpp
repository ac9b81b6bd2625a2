// How much memory this process has taken.
#pragma once

#include <cstdint>

namespace kiln::bench {

/// The most bytes that were resident at a time since the program started; 0 where the system does not say.
///
/// Not getrusage's ru_maxrss, which begins with what the program that started this one had.
std::int64_t peak_memory();

}  // namespace kiln::bench
