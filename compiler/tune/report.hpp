// What a tuning run did, as one web page without scripts or other files: for each kernel its trials, speed against
// their number, and all kernels under the machine's roofline (Williams, Waterman and Patterson 2009, "Roofline: an
// insightful visual performance model for multicore architectures").
#pragma once

#include <string>

#include <kiln/compiler/tune/tune.hpp>

namespace kiln::tune {

/// Measures the machine's peak and bandwidth, which takes about a second.
std::string report_html(const tune_result& result, const std::string& model, const setting& where);

}  // namespace kiln::tune
