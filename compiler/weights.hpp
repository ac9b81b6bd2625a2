// Gives every parameter of a graph its values: from a file, or seeded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kiln/compiler/ir/graph.hpp>

namespace kiln::compiler {

/// Where weights come from. With neither, seed 0.
struct weight_source {
    std::string file{};  // .safetensors or .npz; empty: seeded
    std::uint64_t seed = 0;
};

/// He initialisation (He et al. 2015, arXiv:1502.01852, equation 10): weights are normal with variance 2 / fan_in;
/// biases, shifts and means 0; scales and variances 1; slopes 0.25 (section 2.1 there). A parameter's values depend
/// only on `seed` and its name.
tensor seeded_values(const ir::node& parameter, std::uint64_t seed);

/// Sets `value` of every op::parameter that has none; seeded ones keep values given earlier. With a file, of all: every
/// parameter must be in it with exactly its shape; throws kiln::error that lists each missing name, each wrong shape
/// (expected, found) and, as a hint, unused names.
void bind_weights(ir::graph& g, const weight_source& source);

/// The graph's parameters by name, for writing to a weight file. Requires bound weights.
tensor_map parameters_of(const ir::graph& g);

}  // namespace kiln::compiler
