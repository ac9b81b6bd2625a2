// The loop shared by references that compute each output from the operands' elements at the same place.
#pragma once

#include <kiln/compiler/ops/operator.hpp>

namespace kiln::compiler {

/// out[i] = function(x[i]), computed in double.
template <class Function>
void map_unary(std::span<const operand_values> in, const dims& out_shape, float* out, Function function) {
    for (std::int64_t i = 0; i < out_shape.volume(); ++i)
        out[i] = static_cast<float>(function(static_cast<double>(in[0].values[i])));
}

/// out[i] = function(x[i], y[i]), computed in double.
template <class Function>
void map_binary(std::span<const operand_values> in, const dims& out_shape, float* out, Function function) {
    for (std::int64_t i = 0; i < out_shape.volume(); ++i)
        out[i] =
            static_cast<float>(function(static_cast<double>(in[0].values[i]), static_cast<double>(in[1].values[i])));
}

}  // namespace kiln::compiler
