// A plan of two steps with kernels of its own, small enough to know by heart:
//
//   step 0   a = 2 x + w           8 x 8, rows spread over threads
//   step 1   y = a + h             after zeroing every second element of h, which lies behind a in the arena
#pragma once

#include <array>
#include <kiln/compiler/build/build_kernels.hpp>
#include <kiln/compiler/emit/emit.hpp>
#include <kiln/compiler/plan/plan.hpp>
#include <string>
#include <vector>

namespace kiln::testing {

inline constexpr int sample_elements = 64;
using sample_array = std::array<float, sample_elements>;

plan::plan sample_plan();

/// Symbols get `suffix` behind them, so that two models can have kernels of their own.
std::vector<compiler::built_kernel> sample_kernels(const std::string& target, const std::string& suffix = "");

sample_array sample_weights();

/// y for this x when all of h held `h_before`.
sample_array sample_expected(const sample_array& x, float h_before);

/// The object, complete with sample_weights() when they are embedded; the runtime cached in a folder of the tests' own.
std::string sample_object(const std::string& target, const std::string& function_name,
                          compiler::weights_as weights = compiler::weights_as::outside);

}  // namespace kiln::testing
