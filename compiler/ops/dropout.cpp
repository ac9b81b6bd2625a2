#include <Halide.h>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/dsl/ops/dropout.hpp>

namespace kiln::compiler {
namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    map_unary(in, out_shape, out, [](double x) { return x; });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) { return operands[0]; }

void gradient(gradient_context& c) { c.contribute(0, c.gradient()); }

}  // namespace

operator_row dropout_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
