#include <Halide.h>

#include <cmath>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/exponential.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/selu.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    using ops::selu;
    map_unary(in, out_shape, out, [](double x) { return selu::gamma * (x > 0 ? x : selu::alpha * std::expm1(x)); });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    const Halide::Expr& x = operands[0];
    const auto above = static_cast<float>(ops::selu::gamma),
               below = static_cast<float>(ops::selu::gamma * ops::selu::alpha);
    return Halide::select(x > 0.0F, above * x, below * exponential_minus_one(x));
}

}  // namespace

operator_row selu_row() { return {reference, expression}; }

}  // namespace kiln::compiler
