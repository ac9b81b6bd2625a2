// What the compiler knows of an operator beyond its shape rule: the table row each stem under compiler/ops fills in.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <kiln/dsl/rule.hpp>
#include <kiln/runtime/tensor.hpp>

namespace Halide {
class Expr;
}

namespace kiln::compiler {

/// Read-only dense values of one operand, row-major over `shape` (one sample, or a weight).
struct operand_values {
    dims shape;
    const float* values = nullptr;
};

/// The naive reference: plain loops over one sample, sums in double, written to be read, not to be fast. It is what
/// compiled kernels are tested against.
using reference_function = void (*)(const attribute_words&, std::span<const operand_values> in, const dims& out_shape,
                                    float* out);

/// The same for operators on any element types: from the operands' tensors to `out`, zeros of the right shape and type.
using tensor_reference = void (*)(const attribute_words&, std::span<const tensor* const> in, tensor& out);

/// An element-wise operator's value at one element, from its operands' values there. Operators that have one can end
/// a fused kernel (as epilogue) or stand alone.
using expression_function = Halide::Expr (*)(const attribute_words&, const std::vector<Halide::Expr>& operands);

class gradient_context;

/// Appends to the graph what the operands get of the gradient of the operator's output (compiler/ops/gradient.hpp).
using gradient_function = void (*)(gradient_context&);

struct operator_row {
    reference_function reference = nullptr;
    expression_function expression = nullptr;  // null: not element-wise
    tensor_reference any_type = nullptr;       // instead of `reference`
    gradient_function gradient = nullptr;      // null: a cost cannot be differentiated through the operator
};

/// The row of an operator of ops.def; throws std::logic_error for a leaf.
const operator_row& row_of(op o);

}  // namespace kiln::compiler
