// Gives every parameter of a graph its values: from a file, or seeded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::compiler {

/// How large seeded weights are. They are normal with mean 0; fan_in is how many inputs are summed into one output,
/// fan_out how many outputs one input goes into.
enum class initializer {
    he,      // variance 2 / fan_in, for relu: He et al. 2015, arXiv:1502.01852, equation 10
    xavier,  // variance 2 / (fan_in + fan_out), for tanh and sigmoid: Glorot, Bengio 2010, equation 12
};

/// Where weights come from. With neither, seed 0.
struct weight_source {
    std::string file{};  // .safetensors or .npz; empty: seeded
    std::uint64_t seed = 0;
    initializer start = initializer::he;  // of seeded weights
};

/// Biases, shifts and means start at 0, scales and variances at 1, slopes at 0.25 (He et al., section 2.1), weights as
/// `start` says. A parameter's values depend only on `seed` and its name.
tensor seeded_values(const ir::node& parameter, std::uint64_t seed, initializer start = initializer::he);

/// Sets `value` of every op::parameter that has none; seeded ones keep values given earlier. With a file, of all: every
/// parameter must be in it with exactly its shape; throws kiln::error that lists each missing name, each wrong shape
/// (expected, found) and, as a hint, unused names.
void bind_weights(ir::graph& g, const weight_source& source);

/// The graph's parameters by name, for writing to a weight file. Requires bound weights.
tensor_map parameters_of(const ir::graph& g);

}  // namespace kiln::compiler
