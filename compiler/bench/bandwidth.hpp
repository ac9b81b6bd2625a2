// How fast this machine reads its memory.
#pragma once

namespace kiln::bench {

/// GB/s of `threads` threads that read, each its share of an array much larger than the caches; the best of several
/// passes in one, two and four streams. Takes about a third of a second.
double measure_bandwidth(int threads);

}  // namespace kiln::bench
