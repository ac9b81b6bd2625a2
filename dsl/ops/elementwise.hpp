// Shape rules and costs of operators that work element by element. Shapes are matched from the last axis on; where one
// operand has extent 1, or no such axis, its value there serves the whole axis (as NumPy broadcasts).
#pragma once

#include <kiln/dsl/rule.hpp>

namespace kiln::ops {

/// The shape that all of `in` are stretched to.
constexpr inferred broadcast_shape(std::span<const dims> in) {
    dims out;
    for (const dims& d : in)
        if (d.rank > out.rank) out.rank = d.rank;
    for (int axis = 0; axis < out.rank; ++axis) out[axis] = 1;
    for (const dims& d : in) {
        if (d.volume() < 1) return refuse(fault::empty_extent);
        for (int axis = 0; axis < d.rank; ++axis) {
            std::int32_t& extent = out[out.rank - d.rank + axis];
            if (extent != d[axis] && extent != 1 && d[axis] != 1) return refuse(fault::operands_differ);
            if (extent == 1) extent = d[axis];
        }
    }
    if (out.volume() > std::numeric_limits<std::int32_t>::max()) return refuse(fault::too_large);
    return {out};
}

constexpr inferred elementwise_shape(std::span<const dims> in, std::size_t operands) {
    if (in.size() != operands) return refuse(fault::operand_count);
    return broadcast_shape(in);
}

/// The type that all operands share.
constexpr std::optional<element> common_type(std::span<const element> in) {
    for (const element e : in)
        if (e != in[0]) return std::nullopt;
    return in.empty() ? std::nullopt : std::optional(in[0]);
}

/// The same, of numbers.
constexpr std::optional<element> common_number(std::span<const element> in) {
    const auto type = common_type(in);
    return type == element::boolean ? std::nullopt : type;
}

/// `Operands` inputs, no attributes, `Operations` scalar operations per element.
template <int Operands, int Operations>
struct elementwise {
    using attributes = no_attributes;
    static constexpr inferred infer(const attributes&, std::span<const dims> in) {
        return elementwise_shape(in, Operands);
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, Operations * out.volume()};
    }
};

}  // namespace kiln::ops
