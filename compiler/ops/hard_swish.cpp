#include <Halide.h>

#include <algorithm>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    map_unary(in, out_shape, out, [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    const Halide::Expr& x = operands[0];
    return x * Halide::clamp(x * (1.0F / 6) + 0.5F, 0.0F, 1.0F);
}

}  // namespace

operator_row hard_swish_row() { return {reference, expression}; }

}  // namespace kiln::compiler
