// Shape rules and costs of operators that work element by element: the output has the operands' shape.
#pragma once

#include <kiln/dsl/rule.hpp>

namespace kiln::ops {

constexpr inferred elementwise_shape(std::span<const dims> in, std::size_t operands) {
    if (in.size() != operands) return refuse(fault::operand_count);
    for (const dims& d : in)
        if (!(d == in[0])) return refuse(fault::operands_differ);
    if (in[0].rank < 1 || in[0].volume() < 1) return refuse(fault::empty_extent);
    return {in[0]};
}

/// `Operands` inputs of one shape, no attributes, `Operations` scalar operations per element.
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
