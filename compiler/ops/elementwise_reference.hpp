// The loops shared by references that compute each output from the operands' elements at the same place.
#pragma once

#include <vector>

#include <kiln/compiler/ops/operator.hpp>

namespace kiln::compiler {

/// out[i] = function(x[i]), computed in double.
template <class Function>
void map_unary(std::span<const operand_values> in, const dims& out_shape, float* out, Function function) {
    for (std::int64_t i = 0; i < out_shape.volume(); ++i)
        out[i] = static_cast<float>(function(static_cast<double>(in[0].values[i])));
}

/// Where element `i` of a tensor of shape `out` comes from in an operand stretched to that shape.
inline std::size_t stretched(std::size_t i, const std::vector<std::int64_t>& out,
                             const std::vector<std::int64_t>& operand) {
    std::size_t from = 0, stride = 1;
    for (std::size_t k = 1; k <= out.size(); ++k) {  // from the last axis on
        const auto extent = static_cast<std::size_t>(out[out.size() - k]);
        const std::size_t position = i % extent;
        i /= extent;
        if (k > operand.size()) continue;
        const auto own = static_cast<std::size_t>(operand[operand.size() - k]);
        if (own > 1) from += position * stride;
        stride *= own;
    }
    return from;
}

/// Calls `store(i, at)` for every element i of `out`, with the places `at` of its operands' elements.
template <class Store>
void for_each_element(std::span<const tensor* const> in, const tensor& out, Store store) {
    std::vector<std::size_t> at(in.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        for (std::size_t k = 0; k < in.size(); ++k) at[k] = stretched(i, out.shape, in[k]->shape);
        store(i, at);
    }
}

/// A whole number as the element type holds it: what does not fit wraps around.
inline std::int64_t wrapped(element type, std::int64_t value) {
    return type == element::int32 ? static_cast<std::int32_t>(value) : value;
}

/// out = function(x, y), operands stretched: floats in double, whole numbers as they are.
template <class Function>
void map_numbers(std::span<const tensor* const> in, tensor& out, Function function) {
    for_each_element(in, out, [&](std::size_t i, const std::vector<std::size_t>& at) {
        if (out.type == element::float32)
            out.values[i] = static_cast<float>(
                function(static_cast<double>(in[0]->values[at[0]]), static_cast<double>(in[1]->values[at[1]])));
        else
            out.integers[i] = wrapped(out.type, function(in[0]->integers[at[0]], in[1]->integers[at[1]]));
    });
}

}  // namespace kiln::compiler
